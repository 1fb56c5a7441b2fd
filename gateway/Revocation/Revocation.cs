namespace OrgGateway.Revocation;

/// <summary>Whose access ends. Sessions, grants, API keys and sockets compare themselves with it; no field is a pattern.</summary>
public enum RevocationScope
{
    /// <summary>One session of the gateway: <see cref="Revocation.Session"/>.</summary>
    Session,

    /// <summary>Every session the provider knows by this <c>sid</c>: Issuer, ProviderSession.</summary>
    ProviderSession,

    /// <summary>One person everywhere: Issuer, Subject.</summary>
    Subject,

    /// <summary>One person in one organization: Issuer, Subject, OrgId. Their sessions live on elsewhere.</summary>
    Membership,

    /// <summary>Everybody in one organization: OrgId.</summary>
    Organization,

    /// <summary>One API key: KeyId.</summary>
    ApiKey,
}

/// <summary>The one act behind every inlet (logout, admin, CLI, back-channel logout, CAEP, SCIM): what every replica is told.</summary>
/// <param name="Session">Hash of the session's id (<c>SessionId.ToString()</c>).</param>
/// <param name="At">When it was said, by the clock of the replica that was told; null until it is published. Tokens issued up to then count no more.</param>
/// <param name="Reason">Stable code for log, audit and close frame, such as <c>logout</c> or <c>admin</c>.</param>
public sealed record Revocation(
    RevocationScope Scope, string Reason, string? Session = null, string? Issuer = null, string? Subject = null, string? ProviderSession = null, string? OrgId = null, string? KeyId = null, DateTimeOffset? At = null)
{
    /// <summary>An issuer as it is compared where it may come from configuration: known with and without a slash at its end, and taking the two for one can only end more.</summary>
    public static string IssuerKey(string? issuer) => issuer?.TrimEnd('/') ?? "";
}

[System.Text.Json.Serialization.JsonSerializable(typeof(Revocation))]
public sealed partial class RevocationJson : System.Text.Json.Serialization.JsonSerializerContext;
