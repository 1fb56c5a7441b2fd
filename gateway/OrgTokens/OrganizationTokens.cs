using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using OrgGateway.Orgs;
using OrgGateway.Storage;
using OrgGateway.Tokens;

namespace OrgGateway.OrgTokens;

/// <summary>
/// The organizations' own tokens: from this process's copy, else the store, else minted once for all replicas. A token that is
/// still valid serves through any outage.
/// </summary>
public sealed class OrganizationTokens
{
    private const int RefreshesAtOnce = 8;
    private static readonly TimeSpan IdleFor = TimeSpan.FromDays(1);
    private readonly IStore _store;
    private readonly OrganizationTokenRenewal _renewal;
    private readonly CurrentCatalog _catalog;
    private readonly TimeProvider _clock;
    private readonly ILogger<OrganizationTokens> _logger;
    private readonly ConcurrentDictionary<string, OrganizationTokenEntry> _entries = new(StringComparer.Ordinal);
    private readonly SingleFlight<(string Key, string Settings, RenewalCause Cause), OrganizationToken?> _flights = new();

    // Found once per organization of a configuration; the table lets go of those of an earlier one.
    private readonly ConditionalWeakTable<Organization, OrganizationTokenEntry> _byOrganization = [];

    public OrganizationTokens(IStore store, OrganizationTokenRenewal renewal, OrganizationTokenMessages messages, CurrentCatalog catalog, TimeProvider clock, ILogger<OrganizationTokens> logger)
    {
        (_store, _renewal, _catalog, _clock, _logger) = (store, renewal, catalog, clock, logger);
        messages.Subscribe(Hear);
        OrganizationTokenMetrics.Observe(Expiries);
    }

    /// <returns>Null when no valid token can be had right now; the reason is in the log.</returns>
    public ValueTask<OrganizationToken?> GetAsync(Organization organization, CancellationToken cancellationToken)
    {
        var entry = EntryOf(organization);
        var now = _clock.GetUtcNow();
        if (entry.Held is { } held && now.UtcTicks < held.UsableUntil)
        {
            entry.Touch(now.UtcTicks);
            if (now.UtcTicks >= held.RenewAt && entry.MayTry(now))
                _ = RenewAsync(entry, new(held.Token.Value, default)); // behind the request
            return new(held.Token);
        }
        return entry.MayTry(now) ? new(WaitAsync(entry, cancellationToken)) : new(StillValid(entry, now));
    }

    /// <summary>A token in place of one that an upstream refused: one that somebody had meanwhile, else a new one.</summary>
    /// <returns>Null when there is none right now; the refused one stays in use, for it may be good elsewhere.</returns>
    public Task<OrganizationToken?> ReplaceAsync(Organization organization, OrganizationToken refused, CancellationToken cancellationToken)
    {
        var entry = EntryOf(organization);
        var now = _clock.GetUtcNow();
        if (entry.Held is { } held && held.Token.Value != refused.Value && now.UtcTicks < held.UsableUntil)
            return Task.FromResult<OrganizationToken?>(held.Token);
        return entry.MayTry(now)
            ? RenewAsync(entry, new(refused.Value, default) { Rejected = true }).WaitAsync(cancellationToken)
            : Task.FromResult<OrganizationToken?>(null);
    }

    /// <summary>A new token whatever there is, back-off or not; for operators and their schedules.</summary>
    public async Task<OrganizationTokenStatus> RefreshAsync(Organization organization, CancellationToken cancellationToken)
    {
        var entry = EntryOf(organization);
        var minted = await RenewAsync(entry, new(null, _clock.GetUtcNow())).WaitAsync(cancellationToken);
        return StatusOf(entry, minted ?? entry.Held?.Token, entry.Failure) with { Refreshed = minted is not null };
    }

    /// <inheritdoc cref="RefreshAsync(Organization, CancellationToken)"/>
    public async Task<IReadOnlyList<OrganizationTokenStatus>> RefreshAsync(IEnumerable<Organization> organizations, CancellationToken cancellationToken)
    {
        var refreshed = new ConcurrentBag<OrganizationTokenStatus>();
        await Parallel.ForEachAsync(organizations, new ParallelOptions { MaxDegreeOfParallelism = RefreshesAtOnce, CancellationToken = cancellationToken }, async (organization, cancel) =>
            refreshed.Add(await RefreshAsync(organization, cancel)));
        return [.. refreshed.OrderBy(s => s.Organization, StringComparer.Ordinal)];
    }

    /// <summary>Every configured organization with a source, as this replica and the store know it. Never a token.</summary>
    public async Task<IReadOnlyList<OrganizationTokenStatus>> ListAsync(CancellationToken cancellationToken)
    {
        var all = new List<OrganizationTokenStatus>();
        foreach (var organization in _catalog.Value.All.Where(o => o.Token is not null))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entry = EntryOf(organization);
            var (token, failure) = await _renewal.LookAsync(entry);
            all.Add(StatusOf(entry, entry.Held?.Token ?? token, entry.Failure ?? failure));
        }
        return all;
    }

    /// <summary>Whether no organization has a token that is valid while every mint fails; then this replica is of no use to any of them.</summary>
    public bool AreAllLost
    {
        get
        {
            var (now, lost) = (_clock.GetUtcNow(), false);
            foreach (var entry in _entries.Values)
            {
                if (entry.Failure is null || entry.Held?.Token.Expires > now)
                    return false;
                lost = true;
            }
            return lost;
        }
    }

    /// <summary>Renews what is due, before any request meets it, and lets go of what nobody used for a day.</summary>
    internal void KeepFresh()
    {
        var now = _clock.GetUtcNow();
        foreach (var entry in _entries.Values)
        {
            if (now - entry.Used > IdleFor)
                entry.Held = null;
            else if (entry.Held is { } held && now.UtcTicks >= held.RenewAt && entry.MayTry(now))
                _ = RenewAsync(entry, new(held.Token.Value, default));
        }
    }

    /// <summary>Finds in one look what messages that were lost would have told.</summary>
    internal async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        if (_entries.IsEmpty || (await _store.ReadIndexAsync(OrganizationTokenRenewal.Versions, 10_000, cancellationToken)).Value is not { } versions)
            return;
        foreach (var version in versions)
            if (version.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && _entries.TryGetValue(version[..dot], out var entry)
                && entry.Held is { } held && held.Version != version && !entry.Passed.Contains(version) && await _renewal.AdoptNewerAsync(entry))
                entry.Passed.Add(version);
    }

    private async Task<OrganizationToken?> WaitAsync(OrganizationTokenEntry entry, CancellationToken cancellationToken) =>
        await RenewAsync(entry, new(entry.Held?.Token.Value, default)).WaitAsync(cancellationToken) ?? StillValid(entry, _clock.GetUtcNow());

    private static OrganizationToken? StillValid(OrganizationTokenEntry entry, DateTimeOffset now) => entry.Held is { } held && held.Token.Expires > now ? held.Token : null;

    private Task<OrganizationToken?> RenewAsync(OrganizationTokenEntry entry, RenewalCause cause) =>
        _flights.RunAsync((entry.Key.Name, entry.Settings, cause), () => RenewLoggedAsync(entry, cause));

    private async Task<OrganizationToken?> RenewLoggedAsync(OrganizationTokenEntry entry, RenewalCause cause)
    {
        try
        {
            return await _renewal.RunAsync(entry, cause);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A run in the background has nobody else to tell, and a caller gets the answer of a token that cannot be had.
            _logger.RenewalFailed(exception, entry.Organization.Slug);
            entry.KeepQuietUntil(_clock.GetUtcNow() + TimeSpan.FromSeconds(2));
            return null;
        }
    }

    private void Hear(OrganizationTokenMessage message)
    {
        if (!_entries.TryGetValue(message.Key, out var entry))
            return;
        entry.Hear(message.News);
        if (message.News == OrganizationTokenNews.Minted)
            _ = AdoptLoggedAsync(entry);
    }

    private async Task AdoptLoggedAsync(OrganizationTokenEntry entry)
    {
        try
        {
            await _renewal.AdoptNewerAsync(entry);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _logger.RenewalFailed(exception, entry.Organization.Slug);
        }
    }

    private OrganizationTokenEntry EntryOf(Organization organization) =>
        _byOrganization.TryGetValue(organization, out var entry) ? entry : _byOrganization.GetValue(organization, FindOrAdd);

    // One entry per key: a reload that changed nothing about a source goes on with the token it has.
    private OrganizationTokenEntry FindOrAdd(Organization organization)
    {
        var (key, settings) = OrganizationTokenKey.Of(organization, _catalog.Value.DefaultProvider, _renewal);
        var now = _clock.GetUtcNow();
        return _entries.AddOrUpdate(
            key.Name,
            _ => new(organization, key, settings, now),
            (_, known) =>
            {
                if (known.Settings != settings)
                    return new(organization, key, settings, now);
                known.Organization = organization;
                return known;
            });
    }

    private OrganizationTokenStatus StatusOf(OrganizationTokenEntry entry, OrganizationToken? token, OrganizationTokenFailure? failure)
    {
        var now = _clock.GetUtcNow();
        return new(entry.Organization.Slug, entry.Organization.Id, entry.Organization.Token!.EffectiveSource)
        {
            ExpiresAt = token?.Expires,
            Age = token is null ? null : now - token.Minted,
            LastError = failure?.Reason,
            LastErrorAt = failure?.At,
        };
    }

    private IEnumerable<Measurement<double>> Expiries()
    {
        var now = _clock.GetUtcNow();
        foreach (var entry in _entries.Values)
            if (entry.Held is { } held && entry.Organization.IsConfigured)
                yield return new((held.Token.Expires - now).TotalSeconds, new KeyValuePair<string, object?>("org", entry.Organization.Slug));
    }
}
