using OrgGateway.Oidc;
using OrgGateway.Sessions;
using OrgGateway.Tokens;

namespace OrgGateway.SignIn;

/// <summary>
/// A sign-in for one organization at a provider that gives each organization a grant of its own: it is kept beside the session's, which
/// stays as it is, its other organizations and open sockets included.
/// </summary>
public sealed class GrantBeside(OrganizationGrants grants, SilentGrant silent, IdentityProviders providers, SessionStore sessions, SignInAnswers answers)
{
    /// <returns>False where it is a sign-in like any other.</returns>
    public async Task<bool> KeepAsync(HttpContext context, SessionRecord record, LoginTransaction transaction)
    {
        var session = await SessionOfAsync(record, transaction);
        var isSame = session is not null && session.Record.Subject == record.Subject && session.Record.Issuer == record.Issuer;
        if (!isSame || session!.Organizations.Find(transaction.Org!) is not { } organization)
        {
            if (!transaction.IsUnprompted)
                return false;
            // Nobody saw this one: it must not put somebody else, or a new session, in the place of who is signed in or has just signed out.
            await silent.BeginVisiblyAsync(context, transaction, session is null ? "its session has ended" : isSame ? "no member any more" : "another person's", anew: session is not null && !isSame);
        }
        else if (await grants.KeepAsync(session, organization, record))
            await SignInAnswers.DoneAsync(context, transaction.Next);
        else if (transaction.IsUnprompted)
            await silent.BeginVisiblyAsync(context, transaction, "for another organization, or not to be kept");
        else
            await answers.ToErrorAsync(context, "auth_failed", null, null); // for another organization: to try again at once would go round in circles
        return true;
    }

    // The session that began it, which the transaction's cookie ties to this browser; somebody else's sign-in begins a new session. So does a
    // stronger one: kept beside, it would leave the session as weak as it was, and the route would ask for it again.
    private async Task<Session?> SessionOfAsync(SessionRecord record, LoginTransaction transaction) =>
        transaction is { Org: not null, MaxAge: null, Acr: null } && providers.Find(record.Provider) is { } provider && grants.KeepsBeside(provider)
        && SessionId.TryFromHash(transaction.Former, out var id)
            ? (await sessions.FindAsync(id, CancellationToken.None)).Session
            : null;
}
