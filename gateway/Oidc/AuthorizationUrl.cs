namespace OrgGateway.Oidc;

/// <summary>Where a login sends its browser, or why nowhere.</summary>
public abstract record AuthorizationUrl
{
    private AuthorizationUrl()
    {
    }

    public sealed record Ready(string Url) : AuthorizationUrl;

    /// <summary>The provider does not accept the request, or settings and metadata contradict each other; the log says which.</summary>
    public sealed record Refused : AuthorizationUrl;

    /// <summary>The provider does not answer.</summary>
    public sealed record Unavailable : AuthorizationUrl;
}
