using System.Text.Json;

namespace OrgGateway.Oidc;

/// <summary>A validated ID Token: only <see cref="IdTokenValidator"/> makes one.</summary>
public sealed record IdToken
{
    internal IdToken()
    {
    }

    /// <summary>As it came, for <c>id_token_hint</c>.</summary>
    public required string Raw { get; init; }
    public required string Subject { get; init; }
    public required DateTimeOffset Expires { get; init; }
    public required DateTimeOffset IssuedAt { get; init; }
    public DateTimeOffset? AuthTime { get; init; }
    public string? Acr { get; init; }

    /// <summary><c>sid</c> (Front-Channel Logout §3).</summary>
    public string? SessionId { get; init; }

    public required JsonElement Claims { get; init; }

    public override string ToString() => $"IdToken {{ *** until {Expires:O} }}";
}
