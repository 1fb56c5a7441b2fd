using System.Text.Json.Serialization;

namespace OrgGateway.SignIn;

/// <summary>A login under way, sealed in the store under the hash of its state; taken once, by whatever comes back first (O11, O23).</summary>
public sealed record LoginTransaction
{
    public required string Provider { get; init; }
    public required string RedirectUri { get; init; }

    /// <summary>SHA-256 of the nonce sent (Core §15.5.2).</summary>
    public required byte[] NonceHash { get; init; }
    public required string Verifier { get; init; }

    /// <summary>Where the browser goes afterwards; a local URL, checked at the start.</summary>
    public required string Next { get; init; }

    /// <summary><c>max_age</c> in seconds and <c>acr_values</c>, as sent: the ID Token must keep them.</summary>
    public int? MaxAge { get; init; }
    public string? Acr { get; init; }

    /// <summary>Hash of the session that the browser had at the start; a cross-site POST back does not bring its cookie.</summary>
    public byte[]? Former { get; init; }

    /// <summary>Private key that the tokens will be bound to (DPoP), as PKCS#8.</summary>
    public byte[]? ProofKey { get; init; }

    /// <summary>The organization that the login is for, as asked for.</summary>
    public string? Org { get; init; }

    /// <summary>The login adds a sign-in at a further provider to the session <see cref="Former"/>, which stays.</summary>
    public bool IsFurther { get; init; }

    /// <summary>Asked with <c>prompt=none</c>, by nobody: it adds a grant for <see cref="Org"/> to <see cref="Former"/>, or begins again visibly (<see cref="SilentGrant"/>).</summary>
    public bool IsUnprompted { get; init; }

    /// <summary>The login runs in a frame; its end is <see cref="SilentLogin"/>.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Asked with <c>prompt=none</c> by a page that goes on without a session as well.</summary>
    public bool IsOptional { get; init; }

    /// <summary>SHA-256 of the value that the browser's transaction cookie holds.</summary>
    public byte[] BinderHash { get; init; } = [];
}

// Without the condition an absent byte array is written as an empty one.
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LoginTransaction))]
public sealed partial class LoginTransactionJson : JsonSerializerContext;
