using System.Collections.Concurrent;
using OrgGateway.Oidc;
using OrgGateway.Orgs;
using OrgGateway.Sealing;
using OrgGateway.Storage;

namespace OrgGateway.Tokens;

/// <summary>
/// The organizations' own tokens: from this process's copy, else the store, else minted once for all replicas. A token that is
/// still valid serves through any outage; with the store gone each replica mints for itself.
/// </summary>
public sealed class OrganizationTokens(
    IStore store, KeyRing ring, IdentityProviders providers, TokenClient client, OrganizationTokensOptions options, TimeProvider clock, ILogger<OrganizationTokens> logger)
{
    private static readonly TimeSpan WaitForOther = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BackOff = TimeSpan.FromSeconds(2);
    private readonly Sealed<OrganizationToken> _sealed = new(store, ring, OrganizationTokenJson.Default.OrganizationToken, "org-token");
    private readonly ConcurrentDictionary<StoreKey, OrganizationToken> _copies = new();
    private readonly ConcurrentDictionary<StoreKey, DateTimeOffset> _quietUntil = new();
    private readonly SingleFlight<StoreKey, OrganizationToken?> _flights = new();

    // Worked out once per organization of a configuration; the table lets go of those of an earlier one.
    private readonly System.Runtime.CompilerServices.ConditionalWeakTable<Organization, KeyBox> _keys = [];

    /// <returns>Null when no valid token can be had right now; the reason is in the log.</returns>
    public ValueTask<OrganizationToken?> GetAsync(Organization organization, CancellationToken cancellationToken)
    {
        var key = _keys.GetValue(organization, KeyOf).Key;
        var now = clock.GetUtcNow();
        var mayTry = !_quietUntil.TryGetValue(key, out var until) || now >= until;
        if (_copies.TryGetValue(key, out var copy) && now < copy.Expires)
        {
            if (mayTry && now >= copy.Expires - Early(copy))
                _ = _flights.RunAsync(key, () => RenewAsync(key, organization));
            return new(copy);
        }
        return mayTry ? new(_flights.RunAsync(key, () => RenewAsync(key, organization)).WaitAsync(cancellationToken)) : new(default(OrganizationToken));
    }

    private TimeSpan Early(OrganizationToken token)
    {
        var life = token.Expires - token.Minted;
        return options.RefreshBefore < life / 2 ? options.RefreshBefore : life / 5;
    }

    private bool IsFresh(OrganizationToken token) => clock.GetUtcNow() < token.Expires - Early(token);

    private async Task<OrganizationToken?> RenewAsync(StoreKey key, Organization organization)
    {
        try
        {
            var token = await FindOrMintAsync(key, organization);
            if (token is null)
                _quietUntil[key] = clock.GetUtcNow() + BackOff;
            else
                _copies[key] = token;
            return token;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            logger.TokenWorkFailed(exception); // a run in the background has nobody else to tell
            throw;
        }
    }

    private async Task<OrganizationToken?> FindOrMintAsync(StoreKey key, Organization organization)
    {
        while (true)
        {
            var read = await _sealed.ReadAsync(key, CancellationToken.None);
            if (read.Value is { } stored && IsFresh(stored.Value))
                return stored.Value;
            var (lease, answer) = await HeldLease.TakeAsync(store, StoreKey.Of("org-token-lease", key.Name), clock);
            if (answer == StoreWrite.Unavailable)
                return await MintAsync(key, organization); // without the store: each replica for itself
            if (lease is null)
            {
                await Task.Delay(WaitForOther, clock);
                continue;
            }
            await using (lease)
            {
                // Another replica may have minted between the read and the lease.
                var again = await _sealed.ReadAsync(key, CancellationToken.None);
                return again.Value is { } found && IsFresh(found.Value) ? found.Value : await MintAsync(key, organization);
            }
        }
    }

    private async Task<OrganizationToken?> MintAsync(StoreKey key, Organization organization)
    {
        var source = organization.Token!;
        if (await EndpointAsync(organization) is not { } endpoint)
        {
            logger.OrganizationTokenFailed(organization.Slug, "provider_unavailable");
            return null;
        }
        var timeout = Provider(organization).Options.BackchannelTimeout;
        switch (await client.ClientCredentialsAsync(endpoint, source.ClientId!, source.ClientSecret, source.Scope, timeout, CancellationToken.None))
        {
            case TokenAnswer.Granted(var granted):
                var token = new OrganizationToken(granted.AccessToken, clock.GetUtcNow(), granted.Expires);
                await _sealed.PutAsync(key, token, token.Expires, CancellationToken.None);
                logger.OrganizationTokenMinted(organization.Slug, token.Expires);
                return token;
            case TokenAnswer.Refused(var error):
                logger.OrganizationTokenFailed(organization.Slug, error);
                return null;
            default:
                logger.OrganizationTokenFailed(organization.Slug, "unavailable");
                return null;
        }
    }

    private async Task<Uri?> EndpointAsync(Organization organization) =>
        organization.Token!.TokenEndpoint is { Length: > 0 } own ? new Uri(own)
        : await Provider(organization).GetMetadataAsync(CancellationToken.None) is { } metadata ? metadata.TokenEndpoint
        : null;

    private IdentityProvider Provider(Organization organization) =>
        (organization.IdentityProvider is { } name ? providers.Find(name) : null) ?? providers.Default;

    // Organization and source, so that two organizations never share a token, nor one organization's old source and its new one.
    private KeyBox KeyOf(Organization organization)
    {
        var source = organization.Token!;
        return new(_sealed.Key(organization.Id, source.Source.ToString(), source.ClientId!, source.Scope ?? "", source.TokenEndpoint ?? Provider(organization).Name));
    }

    private sealed record KeyBox(StoreKey Key);
}
