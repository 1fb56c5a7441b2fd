namespace OrgGateway.Demo.IdentityProvider;

/// <summary>A client registration. Redirect URIs are compared character by character (RFC 9700 §2.1).</summary>
public sealed record DemoClient(string ClientId)
{
    public const string AuthorizationCode = "authorization_code";
    public const string RefreshToken = "refresh_token";
    public const string ClientCredentials = "client_credentials";
    public const string TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";

    /// <summary>Null for a public client, which has PKCE alone.</summary>
    public string? Secret { get; init; }

    public IReadOnlyList<string> RedirectUris { get; init; } = [];

    public IReadOnlyList<string> PostLogoutRedirectUris { get; init; } = [];

    public Uri? BackchannelLogoutUri { get; init; }

    public IReadOnlyList<string> Grants { get; init; } = [AuthorizationCode, RefreshToken, TokenExchange];

    /// <summary>The organization a client of the client credentials grant acts for: the <c>org_id</c> of its tokens.</summary>
    public string? OrgId { get; init; }

    public bool MayUse(string grantType) => Grants.Contains(grantType, StringComparer.Ordinal);
}
