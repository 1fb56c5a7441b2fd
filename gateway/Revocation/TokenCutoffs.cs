using System.Collections.Concurrent;
using System.Globalization;
using OrgGateway.Storage;

namespace OrgGateway.Revocation;

/// <summary>
/// What tokens that say who they are by themselves may no longer claim. Such a token cannot be removed from anywhere, so each
/// revocation is remembered, in the store and here, for as long as a token issued before it could live. Warm, nothing is read.
/// </summary>
public sealed class TokenCutoffs(IStore store, TokenCutoffLife life, TimeProvider clock, ILogger<TokenCutoffs> logger) : IRevocationStep
{
    private const int Page = 500;
    private static readonly StoreKey Index = StoreKey.Of("token-cutoffs");

    /// <summary>How long the list counts while messages may be missed, as copies of sessions do.</summary>
    private static readonly TimeSpan UnheardFor = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Cutoff> _cutoffs = new(StringComparer.Ordinal);
    private readonly Lock _shrinking = new();
    private volatile Reading? _read;
    private long _floor;
    private int _version;

    /// <summary>Another one whenever something was added: whoever keeps a judgement keeps the version from before it was made.</summary>
    public int Version => Volatile.Read(ref _version);

    public int Count => _cutoffs.Count;

    /// <summary>Whether the list was read recently enough to be relied on; as with sessions, an outage of the store is bridged for a while and no longer.</summary>
    public bool IsCurrent() => _read is { } read && clock.GetElapsedTime(read.At) < life.CopyFor + life.OutageGrace;

    /// <summary>Whether it is time to read the list again.</summary>
    public bool IsDue()
    {
        if (_read is not { } read)
            return true;
        var (age, since) = (clock.GetElapsedTime(read.At), store.ListeningSince);
        return age >= life.CopyFor || (age >= UnheardFor && (since == long.MaxValue || since != read.ListeningSince));
    }

    /// <param name="issued">Of the token, with the issuer's clock skew taken off: in doubt it was issued before.</param>
    public bool EndsSubject(string issuer, string subject, DateTimeOffset issued) => Ends(NameOf(RevocationScope.Subject, issuer, subject, null), issued);

    /// <summary>Whether a token's subject lost this organization, or everybody did.</summary>
    /// <inheritdoc cref="EndsSubject" path="/param"/>
    public bool EndsMembership(string issuer, string subject, string orgId, DateTimeOffset issued) =>
        Ends(NameOf(RevocationScope.Organization, null, null, orgId), issued) || Ends(NameOf(RevocationScope.Membership, issuer, subject, orgId), issued);

    public async ValueTask<bool> CarryOutAsync(Revocation revocation)
    {
        if (life.Keep <= TimeSpan.Zero || NameOf(revocation) is not { } name)
            return true;
        var at = revocation.At ?? clock.GetUtcNow();
        var member = string.Create(CultureInfo.InvariantCulture, $"{name}.{at.ToUnixTimeMilliseconds()}");
        return await store.AddToIndexAsync(Index, member, at + life.Keep, CancellationToken.None) != StoreWrite.Unavailable;
    }

    /// <summary>What any replica revokes, this one included.</summary>
    public void Hear(Revocation revocation)
    {
        if (life.Keep > TimeSpan.Zero && NameOf(revocation) is { } name && Add(name, revocation.At ?? clock.GetUtcNow()))
            Interlocked.Increment(ref _version);
    }

    /// <summary>Reads what the store has: at start, and now and then for messages that were lost.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var began = new Reading(clock.GetTimestamp(), store.ListeningSince);
        var added = false;
        for (var skip = 0; skip < life.Most; skip += Page)
        {
            // Those that end last come first: what is added meanwhile moves others back, and none is passed over.
            var page = await store.ReadIndexPageAsync(Index, skip, Page, cancellationToken);
            if (page.Status == StoreStatus.Unavailable)
                return;
            var members = page.Value ?? [];
            foreach (var member in members)
                if (TryParse(member.Name, out var name, out var moment))
                    added |= Add(name, moment);
            if (members.Length < Page)
                break;
        }
        if (added)
            Interlocked.Increment(ref _version);
        Sweep();
        _read = began;
    }

    private bool Ends(string name, DateTimeOffset issued) =>
        issued.UtcTicks <= Volatile.Read(ref _floor) || (_cutoffs.TryGetValue(name, out var cutoff) && issued <= cutoff.Moment);

    private bool Add(string name, DateTimeOffset moment)
    {
        if (moment.UtcTicks <= Volatile.Read(ref _floor) || (_cutoffs.TryGetValue(name, out var known) && known.Moment >= moment))
            return false;
        _cutoffs.AddOrUpdate(name, static (_, made) => made, static (_, old, made) => old.Moment >= made.Moment ? old : made, new Cutoff(moment, clock.GetTimestamp()));
        if (_cutoffs.Count > life.Most)
            Shrink();
        return true;
    }

    // Bounded, and never by forgetting: what there is no room for any more ends every token that was issued before it.
    private void Shrink()
    {
        lock (_shrinking)
        {
            Sweep();
            if (_cutoffs.Count <= life.Most)
                return;
            var oldest = _cutoffs.OrderBy(c => c.Value.Moment).Take(Math.Max(1, life.Most / 10)).ToArray();
            Volatile.Write(ref _floor, Math.Max(Volatile.Read(ref _floor), oldest[^1].Value.Moment.UtcTicks));
            foreach (var cutoff in oldest)
                _cutoffs.TryRemove(cutoff);
            logger.TooManyCutoffs(life.Most);
        }
    }

    // By the time that has passed: a clock set an hour ahead must not make anybody forget what it would then let in.
    private void Sweep()
    {
        foreach (var cutoff in _cutoffs)
            if (clock.GetElapsedTime(cutoff.Value.HeardAt) >= life.Keep)
                _cutoffs.TryRemove(cutoff);
    }

    private static string? NameOf(Revocation revocation) => revocation.Scope is RevocationScope.Subject or RevocationScope.Membership or RevocationScope.Organization
        ? NameOf(revocation.Scope, revocation.Issuer, revocation.Subject, revocation.OrgId)
        : null;

    private static string NameOf(RevocationScope scope, string? issuer, string? subject, string? orgId) => scope switch
    {
        RevocationScope.Organization => StoreKey.Of("token-cutoff", "organization", orgId ?? "").Name,
        RevocationScope.Subject => StoreKey.Of("token-cutoff", "subject", Revocation.IssuerKey(issuer), subject ?? "").Name,
        _ => StoreKey.Of("token-cutoff", "membership", Revocation.IssuerKey(issuer), subject ?? "", orgId ?? "").Name,
    };

    private static bool TryParse(string member, out string name, out DateTimeOffset moment)
    {
        var dot = member.IndexOf('.', StringComparison.Ordinal);
        (name, moment) = (dot < 0 ? "" : member[..dot], default);
        if (dot < 0 || !long.TryParse(member.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            return false;
        moment = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        return true;
    }

    private sealed record Cutoff(DateTimeOffset Moment, long HeardAt);

    /// <summary>The reading of the list, by its beginning.</summary>
    private sealed record Reading(long At, long ListeningSince);
}
