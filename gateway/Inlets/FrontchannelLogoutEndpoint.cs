using OrgGateway.Oidc;
using OrgGateway.Revocation;
using OrgGateway.Sessions;

namespace OrgGateway.Inlets;

/// <summary>
/// <c>GET /auth/frontchannel-logout</c> (OpenID Connect Front-Channel Logout 1.0 §2): loaded by the provider's page in an iframe,
/// where a Lax cookie is not sent, so the session is found by <c>iss</c> and <c>sid</c>. Both must be right (T50), and the answer is
/// the same whether they were.
/// </summary>
public sealed class FrontchannelLogoutEndpoint(IdentityProviders providers, SessionRevocation revocation, InletGuard guard, ILogger<FrontchannelLogoutEndpoint> logger)
{
    private const int LongestText = 255;

    public async Task InvokeAsync(HttpContext context)
    {
        if (!guard.Admits(context))
            return;
        var query = context.Request.Query;
        // Twice is nobody's: each reader would take another.
        var (iss, sid) = (query["iss"] is [{ } oneIss] ? oneIss : null, query["sid"] is [{ Length: > 0 and <= LongestText } oneSid] ? oneSid : null);
        var provider = iss is null ? null : providers.All.FirstOrDefault(p => p.IsIssuer(iss));
        var ended = 0;
        if (provider is not null && sid is not null && await provider.GetMetadataAsync(CancellationToken.None) is { } metadata && metadata.Issuer == iss)
        {
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors " + string.Join(' ', PagesOf(metadata));
            ended = (await revocation.RevokeAsync(new(RevocationScope.ProviderSession, RevocationReasons.FrontchannelLogout, Issuer: metadata.Issuer, ProviderSession: sid))).Sessions;
        }
        else
        {
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        }
        // A sid cannot be guessed, and the guard bounds trying.
        if (ended > 0)
            guard.GiveBack(context);
        else
            logger.InletRefused("frontchannel-logout", "iss and sid name no session", context.TraceIdentifier);
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync("<!doctype html><title>Signed out</title>", context.RequestAborted);
    }

    // Whose pages may frame this: the provider's own, wherever its endpoints stand.
    private static IEnumerable<string> PagesOf(ProviderMetadata metadata) =>
        ((Uri?[])[new Uri(metadata.Issuer), metadata.AuthorizationEndpoint, metadata.EndSessionEndpoint]).OfType<Uri>().Select(url => url.GetLeftPart(UriPartial.Authority)).Distinct(StringComparer.Ordinal);
}
