using System.Collections.Concurrent;
using OrgGateway.Oidc;
using OrgGateway.Orgs;
using OrgGateway.Sealing;
using OrgGateway.Sessions;
using OrgGateway.Storage;

namespace OrgGateway.Tokens;

/// <summary>
/// A user's token for the organization of the URL, on the session there is (ACCEPTANCE "Five mint strategies"): from this process's copy,
/// else the store, else had once for all replicas. Whatever the way, a token for another organization is thrown away.
/// </summary>
public sealed class OrganizationGrants(
    OrganizationMint mint, IStore store, KeyRing ring, IdentityProviders providers, TimeProvider clock, ILogger<OrganizationGrants> logger)
{
    private const int MaxCopies = 50_000;
    private static readonly TimeSpan RememberRefusal = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TryEarlyEvery = TimeSpan.FromSeconds(5);
    private readonly Sealed<OrganizationGrant> _sealed = new(store, ring, OrganizationGrantJson.Default.OrganizationGrant, "org-grant");
    private readonly ConcurrentDictionary<(SessionId, string), Copy> _copies = new();
    private readonly SingleFlight<(SessionId, string), GrantedToken> _flights = new();

    /// <summary>Whether this session's own token already speaks for all its organizations.</summary>
    public bool IsInToken(Session session) => providers.Find(session.Record.Provider) is not { Options: var options } || options.Mint.Strategy == MintStrategy.InToken;

    public ValueTask<GrantedToken> GetAsync(Session session, SubjectOrganization organization, CancellationToken cancellationToken)
    {
        var key = (session.Id, organization.Id);
        var now = clock.GetUtcNow();
        if (_copies.TryGetValue(key, out var copy) && now < copy.Until)
        {
            if (copy.Token.Outcome == GrantOutcome.SignInNeeded)
                return new(_flights.RunAsync(key, () => LookAgainAsync(session, organization, copy.Token)).WaitAsync(cancellationToken));
            if (now >= copy.RenewAt)
                _ = _flights.RunAsync(key, () => FindAsync(session, organization, renew: true));
            return new(copy.Token);
        }
        return new(_flights.RunAsync(key, () => FindAsync(session, organization, renew: false)).WaitAsync(cancellationToken));
    }

    /// <summary>For an upstream that refused the token: another one, where there is another.</summary>
    public Task<GrantedToken> RenewAsync(Session session, SubjectOrganization organization, CancellationToken cancellationToken) =>
        _flights.RunAsync((session.Id, organization.Id), () => FindAsync(session, organization, renew: true)).WaitAsync(cancellationToken);

    /// <summary>Whether a sign-in for one organization gives a grant beside the session's, and not a new session.</summary>
    public bool KeepsBeside(IdentityProvider provider) => provider.Options.Mint.Strategy is MintStrategy.ScopedGrant or MintStrategy.SilentAuthorize;

    /// <summary>Keeps what a sign-in for one organization brought, on the session the person has.</summary>
    /// <returns>False when it is for another organization or person, or could not be stored; then nothing of it is kept.</returns>
    public async Task<bool> KeepAsync(Session session, SubjectOrganization organization, SessionRecord signedIn)
    {
        if (providers.Find(signedIn.Provider) is not { } provider || signedIn.Subject != session.Record.Subject || signedIn.Issuer != session.Record.Issuer
            || !mint.Accepts(session, organization, provider, signedIn.AccessToken, signedIn.IdToken))
            return false;
        var grant = new OrganizationGrant { AccessToken = signedIn.AccessToken, Expires = signedIn.AccessTokenExpires, Granted = clock.GetUtcNow(), RefreshToken = signedIn.RefreshToken };
        if (await _sealed.PutAsync(KeyOf(session, organization), grant, EndOf(grant, session), CancellationToken.None) != StoreWrite.Done)
            return false;
        Remember((session.Id, organization.Id), GrantedToken.Of(grant.AccessToken), grant);
        return true;
    }

    private async Task<GrantedToken> FindAsync(Session session, SubjectOrganization organization, bool renew)
    {
        try
        {
            var place = PlaceOf(session, organization);
            var former = renew && _copies.TryGetValue((session.Id, organization.Id), out var copy) ? copy.Token.AccessToken : null;
            var (token, found) = await mint.FindAsync(session, organization, place, grant => _sealed.PutAsync(KeyOf(session, organization), grant, EndOf(grant, session), CancellationToken.None), former);
            // A renewal that failed leaves the token that still serves.
            if (token.Outcome == GrantOutcome.Granted || !renew)
                Remember((session.Id, organization.Id), token, found);
            else if (_copies.TryGetValue((session.Id, organization.Id), out var kept))
                _copies[(session.Id, organization.Id)] = kept with { RenewAt = clock.GetUtcNow() + TryEarlyEvery };
            return token;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            logger.TokenWorkFailed(exception);
            throw;
        }
    }

    // The provider is not asked again so soon. But the person may be back already from a sign-in that another replica kept the grant of: to
    // send them to one more, and back, and to one more, is a circle.
    private async Task<GrantedToken> LookAgainAsync(Session session, SubjectOrganization organization, GrantedToken refusal)
    {
        if ((await _sealed.ReadAsync(KeyOf(session, organization), CancellationToken.None)).Value is not { Value: var grant } || grant.Expires <= clock.GetUtcNow())
            return refusal;
        var token = GrantedToken.Of(grant.AccessToken);
        Remember((session.Id, organization.Id), token, grant);
        return token;
    }

    private void Remember((SessionId, string) key, GrantedToken token, OrganizationGrant? grant)
    {
        if (_copies.Count >= MaxCopies)
            _copies.Clear();
        var now = clock.GetUtcNow();
        if (grant is null)
        {
            if (token.Outcome is not GrantOutcome.Ended)
                _copies[key] = new(token, DateTimeOffset.MaxValue, now + (token.RetryAfter is { } wait && wait < RememberRefusal ? wait : RememberRefusal));
            return;
        }
        _copies[key] = new(token, grant.Expires - ((grant.Expires - grant.Granted) / 10), grant.Expires);
    }

    private GrantPlace<OrganizationGrant> PlaceOf(Session session, SubjectOrganization organization)
    {
        var key = KeyOf(session, organization);
        ValueTask<StoreWrite> ReplaceAsync(byte[] version, OrganizationGrant grant) => _sealed.ReplaceAsync(key, version, grant, EndOf(grant, session), CancellationToken.None);
        return new(key.Name, session.Record.Provider, () => _sealed.ReadAsync(key, CancellationToken.None), ReplaceAsync, ReplaceAsync);
    }

    private StoreKey KeyOf(Session session, SubjectOrganization organization) => _sealed.Key(session.Id.ToString(), organization.Id);

    // One without a refresh token is of no use once it has expired; none outlives its session.
    private static DateTimeOffset EndOf(OrganizationGrant grant, Session session) =>
        grant.RefreshToken is null && grant.Expires < session.Record.Ends ? grant.Expires : session.Record.Ends;

    private sealed record Copy(GrantedToken Token, DateTimeOffset RenewAt, DateTimeOffset Until);
}
