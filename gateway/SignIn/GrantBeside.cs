using OrgGateway.Oidc;
using OrgGateway.Sessions;
using OrgGateway.Tokens;

namespace OrgGateway.SignIn;

/// <summary>
/// A sign-in for one organization at a provider that gives each organization a grant of its own: it is kept beside the session's, which
/// stays as it is, its other organizations and open sockets included.
/// </summary>
/// <remarks>
/// Tokens of an answer that is not kept are dropped, and not revoked (RFC 7009), as those of a session that is signed out are. They are of
/// the same client, and most often of the same person, as what goes on: the living session, its other grants, the person's sessions in other
/// browsers, or the login that begins again a moment later. At many providers revoking one refresh token ends all that the person has given
/// this client (§2.1: the whole grant), or the client's part in their session there; nothing in an answer says where it is not so. Somebody
/// else's attempt may be of a person who is signed in elsewhere. Nobody holds the tokens any more, and they end by themselves.
/// </remarks>
public sealed class GrantBeside(OrganizationGrants grants, SilentGrant silent, IdentityProviders providers, SessionStore sessions, GrantTrips trips, SignInAnswers answers)
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
        {
            trips.Count(context, transaction);
            await SignInAnswers.DoneAsync(context, transaction.Next);
        }
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
