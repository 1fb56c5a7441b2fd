using OrgGateway.Oidc;
using OrgGateway.Sessions;
using OrgGateway.Tokens;

namespace OrgGateway.Access;

/// <summary>
/// Sign-ins at further providers, beside a browser's session: each is a session of its own under a cookie of its own, and counts only
/// together with the session that it was made under. So entering an organization of another provider leaves everything else as it is,
/// and whoever planted the session cookie gains nothing from what its victim signs in to later (O73).
/// </summary>
public sealed class FurtherSignIns(SessionCookie cookie, SessionStore sessions, UserTokens tokens, IdentityProviders providers)
{
    /// <returns>The sign-in at this provider; <see cref="Freshness.Ended"/> where there is none under this session.</returns>
    public async ValueTask<FreshSession> FindAsync(HttpRequest request, Session main, string provider, TimeSpan? maxClaimAge, CancellationToken cancellationToken)
    {
        if (!cookie.TryReadFurther(request, provider, out var id))
            return new(Freshness.Ended, null);
        var read = await sessions.FindAsync(id, cancellationToken);
        if (read.Session is not { } found)
            return new(read.Status == SessionStatus.Unavailable ? Freshness.StoreUnavailable : Freshness.Ended, null);
        return found.Record.Provider == provider && IsUnder(found.Record, main.Id) ? await tokens.EnsureAsync(found, maxClaimAge, cancellationToken) : new(Freshness.Ended, null);
    }

    /// <summary>All that this browser has beside its session; what cannot be had right now is left out.</summary>
    public async ValueTask<IReadOnlyList<Session>> AllAsync(HttpRequest request, Session main, CancellationToken cancellationToken)
    {
        var all = new List<Session>();
        foreach (var provider in providers.All)
            if (provider.Name != main.Record.Provider && (await FindAsync(request, main, provider.Name, null, cancellationToken)).Session is { } found)
                all.Add(found);
        return all;
    }

    private static bool IsUnder(SessionRecord record, SessionId main) =>
        record.Under is { } hash && SessionId.TryFromHash(hash, out var under) && under == main;
}
