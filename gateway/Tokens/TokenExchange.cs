using System.Collections.Concurrent;
using OrgGateway.Jose;
using OrgGateway.Oidc;
using OrgGateway.Orgs;
using OrgGateway.Sealing;
using OrgGateway.Sessions;
using OrgGateway.Storage;

namespace OrgGateway.Tokens;

/// <summary>
/// The user's token exchanged for one that an upstream of its own audience accepts (RFC 8693). Kept, sealed, by session, organization and
/// audience, so that nobody gets what was had for another audience (T65).
/// </summary>
public sealed class TokenExchange(
    UserTokens users, OrganizationGrants grants, IStore store, KeyRing ring, IdentityProviders providers, TokenClient tokens, Turns turns, ProviderPause pause, TimeProvider clock, ILogger<TokenExchange> logger)
{
    private const int MaxCopies = 50_000;
    private readonly Sealed<OrganizationGrant> _sealed = new(store, ring, OrganizationGrantJson.Default.OrganizationGrant, "exchanged");
    private readonly ConcurrentDictionary<(SessionId, string?, string), OrganizationGrant> _copies = new();
    private readonly SingleFlight<(SessionId, string?, string), GrantedToken> _flights = new();

    public ValueTask<GrantedToken> GetAsync(Session session, SubjectOrganization? organization, string audience, CancellationToken cancellationToken)
    {
        var key = (session.Id, organization?.Id, audience);
        return _copies.TryGetValue(key, out var copy) && clock.GetUtcNow() < copy.Expires
            ? new(GrantedToken.Of(copy.AccessToken))
            : new(_flights.RunAsync(key, () => FindAsync(session, organization, audience)).WaitAsync(cancellationToken));
    }

    private async Task<GrantedToken> FindAsync(Session session, SubjectOrganization? organization, string audience)
    {
        try
        {
            return await FindOrExchangeAsync(session, organization, audience);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            logger.TokenWorkFailed(exception);
            throw;
        }
    }

    private async Task<GrantedToken> FindOrExchangeAsync(Session session, SubjectOrganization? organization, string audience)
    {
        var key = _sealed.Key(session.Id.ToString(), organization is null ? "personal" : "organization", organization?.Id ?? "", audience);
        while (true)
        {
            if (await KnownAsync(key) is { } known)
                return Remember(session, organization, audience, known);
            var (lease, answer) = await turns.TakeAsync(StoreKey.Of("exchange-lease", key.Name));
            if (lease is null && answer == StoreWrite.Refused)
                continue;
            // Without the store each replica exchanges for itself: nothing is used up by that.
            await using (lease)
                return lease is not null && await KnownAsync(key) is { } found ? Remember(session, organization, audience, found) : await ExchangeAsync(session, organization, audience, key);
        }
    }

    private async Task<OrganizationGrant?> KnownAsync(StoreKey key) =>
        (await _sealed.ReadAsync(key, CancellationToken.None)).Value is { Value: var grant } && grant.Expires > clock.GetUtcNow() ? grant : null;

    private async Task<GrantedToken> ExchangeAsync(Session session, SubjectOrganization? organization, string audience, StoreKey key)
    {
        if (providers.Find(session.Record.Provider) is not { } provider)
            return new(GrantOutcome.Refused);
        if (!pause.MayAsk(provider.Name))
            return new(GrantOutcome.ProviderUnavailable, null, pause.Left(provider.Name));
        var (subjectToken, trouble) = await SubjectTokenAsync(session, organization);
        if (subjectToken is null)
            return trouble;
        switch (await tokens.ExchangeAsync(provider, subjectToken, audience, ProofKey.Of(session.Record.ProofKey), CancellationToken.None))
        {
            case TokenAnswer.Granted(var granted):
                pause.Answered(provider.Name);
                var grant = new OrganizationGrant { AccessToken = granted.AccessToken, Expires = granted.Expires, Granted = clock.GetUtcNow() };
                await _sealed.PutAsync(key, grant, grant.Expires < session.Record.Ends ? grant.Expires : session.Record.Ends, CancellationToken.None);
                return Remember(session, organization, audience, grant);
            case TokenAnswer.Refused(var error):
                pause.Answered(provider.Name);
                logger.ExchangeRefused(provider.Name, error);
                return new(GrantOutcome.Refused);
            case TokenAnswer.Unavailable(var retryAfter):
                return new(GrantOutcome.ProviderUnavailable, null, pause.Failed(provider.Name, key.Name, retryAfter));
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    // The organization's own token where there is one, so that what is exchanged speaks for the organization of the URL too.
    private async Task<(string? Token, GrantedToken Trouble)> SubjectTokenAsync(Session session, SubjectOrganization? organization)
    {
        if (organization is not null && !grants.IsInToken(session))
        {
            var granted = await grants.GetAsync(session, organization, CancellationToken.None);
            return (granted.AccessToken, granted);
        }
        var fresh = await users.EnsureAsync(session, CancellationToken.None);
        return fresh.Freshness switch
        {
            Freshness.Fresh => (fresh.Session!.Record.AccessToken, default),
            Freshness.Ended => (null, new(GrantOutcome.Ended)),
            Freshness.ProviderUnavailable => (null, new(GrantOutcome.ProviderUnavailable, null, fresh.RetryAfter)),
            _ => (null, new(GrantOutcome.StoreUnavailable)),
        };
    }

    private GrantedToken Remember(Session session, SubjectOrganization? organization, string audience, OrganizationGrant grant)
    {
        if (_copies.Count >= MaxCopies)
            _copies.Clear();
        _copies[(session.Id, organization?.Id, audience)] = grant;
        return GrantedToken.Of(grant.AccessToken);
    }
}
