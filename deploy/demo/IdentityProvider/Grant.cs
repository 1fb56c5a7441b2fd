namespace OrgGateway.Demo.IdentityProvider;

/// <summary>What one sign-in at one client allowed; every code and token of it ends when it is revoked.</summary>
internal sealed record Grant(
    string Id, string Sub, string ClientId, string Sid, DateTimeOffset AuthTime, IReadOnlyList<string> Scopes, string? Nonce)
{
    private volatile bool _revoked;

    /// <summary>The organization that the sign-in was for, where the client asked for one.</summary>
    public string? OrgId { get; init; }

    public bool Revoked => _revoked;

    public void Revoke() => _revoked = true;

    public bool Has(string scope) => Scopes.Contains(scope, StringComparer.Ordinal);
}
