using OrgGateway.Oidc;
using OrgGateway.Sessions;

namespace OrgGateway.SignIn;

/// <summary>Ends a browser's sign-ins at further providers, when the session that they belong to ends or is replaced.</summary>
public sealed class FurtherLogout(IdentityProviders providers, SessionCookie cookie, SessionStore sessions, TokenRevocation revocation)
{
    public async Task EndAllAsync(HttpContext context)
    {
        // Asked for by the names of the configured providers: a client's cookies never say how many look-ups there are (T94).
        foreach (var provider in providers.All)
        {
            if (!cookie.TryReadFurther(context.Request, provider.Name, out var id))
                continue;
            var stored = await sessions.ReadAsync(id, CancellationToken.None);
            if (await sessions.EndAsync(id, SessionEnd.Logout, CancellationToken.None) && stored.Value is { } found)
                revocation.Begin(provider, found.Value.RefreshToken, found.Value.AccessToken);
            cookie.DeleteFurther(context.Response, provider.Name);
        }
    }
}
