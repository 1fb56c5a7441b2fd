using OrgGateway.Oidc;
using OrgGateway.Sessions;
using OrgGateway.Tokens;

namespace OrgGateway.SignIn;

/// <summary>
/// A sign-in for one organization at a provider that gives each organization a grant of its own: it is kept beside the session's, which
/// stays as it is, its other organizations and open sockets included.
/// </summary>
public sealed class GrantBeside(OrganizationGrants grants, IdentityProviders providers, SessionStore sessions, SignInAnswers answers)
{
    /// <returns>False where it is a sign-in like any other.</returns>
    public async Task<bool> KeepAsync(HttpContext context, SessionRecord record, LoginTransaction transaction)
    {
        // The session that began it, which the transaction's cookie ties to this browser; somebody else's sign-in begins a new session.
        if (transaction.Org is not { } name || providers.Find(record.Provider) is not { } provider || !grants.KeepsBeside(provider)
            || transaction.Former is not { } former || !SessionId.TryFromHash(former, out var id)
            || (await sessions.FindAsync(id, CancellationToken.None)).Session is not { } session
            || session.Record.Subject != record.Subject || session.Record.Issuer != record.Issuer || session.Organizations.Find(name) is not { } organization)
            return false;
        if (await grants.KeepAsync(session, organization, record))
            await SignInAnswers.DoneAsync(context, transaction.Next);
        else
            await answers.ToErrorAsync(context, "auth_failed", null, null); // for another organization: to try again at once would go round in circles
        return true;
    }
}
