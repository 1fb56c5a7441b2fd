using System.Security.Cryptography;
using OrgGateway.Sealing;
using OrgGateway.Storage;
using OrgGateway.Tokens;

namespace OrgGateway.OrgTokens;

/// <summary>
/// Finds a token that another replica minted, or mints one for all: under a lease that is renewed while the issuer takes its time,
/// written only over what was read under it. Who loses the lease waits for word of the winner. Without the store each replica mints for itself.
/// </summary>
public sealed class OrganizationTokenRenewal(
    IStore store, KeyRing ring, OrganizationTokenMessages messages, OrganizationTokenMint mint, CurrentOrganizationTokensOptions options, TimeProvider clock)
{
    /// <summary>List of the versions that stand in the store: one look at it tells a replica of all messages it missed.</summary>
    internal static readonly StoreKey Versions = StoreKey.Of("org-token-versions");

    private static readonly TimeSpan WaitForNews = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestAge = TimeSpan.FromMinutes(55);
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    // A wrong secret stays wrong: nobody asks again until it is changed, or somebody says so.
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromMinutes(10);

    private readonly Sealed<OrganizationToken> _tokens = new(store, ring, OrganizationTokenJson.Default.OrganizationToken, "org-token");
    private readonly Sealed<OrganizationTokenFailure> _failures = new(store, ring, OrganizationTokenJson.Default.OrganizationTokenFailure, "org-token-failure");

    /// <returns>Null when no token can be had right now that serves the cause.</returns>
    internal async Task<OrganizationToken?> RunAsync(OrganizationTokenEntry entry, RenewalCause cause)
    {
        while (true)
        {
            var news = entry.NextNewsAsync();
            var read = await ReadAsync(entry);
            if (Serves(read.Value, cause))
                return Adopt(entry, read.Value!.Value);
            if (!cause.IsForced && await StandingFailureAsync(entry) is { } failure)
                return Quiet(entry, failure, read.Value, cause);
            var (lease, answer) = await HeldLease.TakeAsync(store, StoreKey.Of("org-token-lease", entry.Key.Name), clock);
            if (answer == StoreWrite.Unavailable)
                return await MintAsync(entry, cause, default, shared: false);
            if (lease is not null)
            {
                await using (lease)
                {
                    // Another replica may have minted between the read and the lease.
                    var again = await ReadAsync(entry);
                    return Serves(again.Value, cause) ? Adopt(entry, again.Value!.Value) : await MintAsync(entry, cause, again, shared: true);
                }
            }
            if (await Task.WhenAny(news, Task.Delay(WaitForNews, clock)) == news && await news == OrganizationTokenNews.Failed && !cause.IsForced && await StandingFailureAsync(entry) is { } told)
                return Quiet(entry, told, read.Value, cause);
        }
    }

    /// <summary>Takes over what the store has, where it is newer than what is here.</summary>
    /// <returns>False when the store does not answer.</returns>
    internal async Task<bool> AdoptNewerAsync(OrganizationTokenEntry entry)
    {
        var read = await ReadAsync(entry);
        if (read.Value is { } stored && stored.Value.Expires > clock.GetUtcNow()
            && (entry.Held is not { } held || (stored.Value.Value != held.Token.Value && stored.Value.Minted >= held.Token.Minted)))
            Adopt(entry, stored.Value);
        return read.Status != StoreStatus.Unavailable;
    }

    /// <summary>What stands in the store, for people: the token's times and the last failure.</summary>
    internal async Task<(OrganizationToken? Token, OrganizationTokenFailure? Failure)> LookAsync(OrganizationTokenEntry entry) =>
        ((await ReadAsync(entry)).Value?.Value, (await _failures.ReadAsync(FailureKey(entry), CancellationToken.None)).Value?.Value);

    internal StoreKey KeyOf(params ReadOnlySpan<string> parts) => _tokens.Key(parts);

    internal static string VersionOf(StoreKey key, OrganizationToken token) => key.Name + "." + StoreKey.Of("version", token.Value).Name[..16];

    private async ValueTask<StoreRead<Versioned<OrganizationToken>>> ReadAsync(OrganizationTokenEntry entry)
    {
        var read = await _tokens.ReadAsync(entry.Key, CancellationToken.None);
        return read.Value is { } found && found.Value.Settings != entry.Settings ? StoreRead<Versioned<OrganizationToken>>.Missing : read;
    }

    private bool Serves(Versioned<OrganizationToken>? stored, RenewalCause cause) =>
        stored is not null && cause.IsServedBy(stored.Value) && clock.GetUtcNow() < Due(stored.Value);

    private async Task<OrganizationToken?> MintAsync(OrganizationTokenEntry entry, RenewalCause cause, StoreRead<Versioned<OrganizationToken>> stored, bool shared)
    {
        var last = stored.Value?.Value ?? entry.Held?.Token;
        switch (await mint.RunAsync(entry.Organization, cause.Rejected ? null : last))
        {
            case MintAnswer.Minted(var minted):
                var token = minted with { Settings = entry.Settings };
                if (shared && await KeepAsync(entry, cause, token, stored) is { } others)
                    token = others;
                return Adopt(entry, token);
            case MintAnswer.Refused(var code):
                return await FailAsync(entry, code, AfterRefusal, stored.Value, cause, shared);
            case MintAnswer.Unavailable unavailable:
                var wait = FirstBackOff * Math.Pow(2, Math.Min(entry.Failures, 5)) * (0.8 + (0.4 * RandomNumberGenerator.GetInt32(1000) / 1000.0));
                if (wait > LongestBackOff)
                    wait = LongestBackOff;
                if (unavailable.RetryAfter is { } asked && asked > wait)
                    wait = asked < LongestRetryAfter ? asked : LongestRetryAfter;
                return await FailAsync(entry, unavailable.Code, wait, stored.Value, cause, shared);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <returns>Another's token that a lease lost on the way let through, where it serves as well; else null.</returns>
    private async Task<OrganizationToken?> KeepAsync(OrganizationTokenEntry entry, RenewalCause cause, OrganizationToken token, StoreRead<Versioned<OrganizationToken>> stored)
    {
        var written = stored.Value is { } before
            ? await _tokens.ReplaceAsync(entry.Key, before.Version, token, token.KeptUntil, CancellationToken.None)
            : await _tokens.CreateAsync(entry.Key, token, token.KeptUntil, CancellationToken.None);
        if (written == StoreWrite.Refused)
        {
            var others = await ReadAsync(entry);
            if (Serves(others.Value, cause) && others.Value!.Value.Minted >= token.Minted)
                return others.Value.Value;
            // It is gone, older, of earlier settings or not to be opened any more.
            written = await _tokens.PutAsync(entry.Key, token, token.KeptUntil, CancellationToken.None);
        }
        if (written == StoreWrite.Done)
        {
            if (stored.Value is { } old)
                await store.RemoveFromIndexAsync(Versions, VersionOf(entry.Key, old.Value), CancellationToken.None);
            await store.AddToIndexAsync(Versions, VersionOf(entry.Key, token), token.Expires, CancellationToken.None);
            if (entry.Failure is not null)
                await store.RemoveAsync(FailureKey(entry), CancellationToken.None);
            await messages.TellAsync(entry.Key, OrganizationTokenNews.Minted);
        }
        return null;
    }

    private OrganizationToken Adopt(OrganizationTokenEntry entry, OrganizationToken token)
    {
        var life = token.Expires - token.Minted;
        var margin = TimeSpan.FromTicks(Math.Min(TimeSpan.FromSeconds(5).Ticks, life.Ticks / 20)); // on its way to the upstream it must not end
        var due = Due(token);
        // Each replica a little earlier than the token is due, so that not all of them reach for the lease at once.
        var spread = TimeSpan.FromTicks(Math.Min(TimeSpan.FromSeconds(30).Ticks, (token.Expires - due).Ticks / 4));
        due -= spread * (RandomNumberGenerator.GetInt32(1000) / 1000.0);
        entry.Held = new(token, (token.Expires - margin).UtcTicks, due.UtcTicks, VersionOf(entry.Key, token));
        entry.Failure = null;
        entry.Failures = 0;
        entry.KeepQuietUntil(default);
        return token;
    }

    private DateTimeOffset Due(OrganizationToken token)
    {
        var life = token.Expires - token.Minted;
        var before = options.Value.RefreshBefore;
        var due = token.Expires - (before < life / 2 ? before : life / 5);
        return due < token.Minted + LongestAge ? due : token.Minted + LongestAge;
    }

    private async Task<OrganizationToken?> FailAsync(
        OrganizationTokenEntry entry, string reason, TimeSpan wait, Versioned<OrganizationToken>? stored, RenewalCause cause, bool shared)
    {
        var now = clock.GetUtcNow();
        var failure = new OrganizationTokenFailure(reason, now, now + wait) { Settings = entry.Settings };
        entry.Failures++;
        if (shared)
        {
            await _failures.PutAsync(FailureKey(entry), failure, failure.Until, CancellationToken.None);
            await messages.TellAsync(entry.Key, OrganizationTokenNews.Failed);
        }
        return Quiet(entry, failure, stored, cause);
    }

    private async ValueTask<OrganizationTokenFailure?> StandingFailureAsync(OrganizationTokenEntry entry) =>
        (await _failures.ReadAsync(FailureKey(entry), CancellationToken.None)).Value?.Value is { } failure
            && failure.Settings == entry.Settings && failure.Until > clock.GetUtcNow() ? failure : null;

    // Nobody asks for a while. A token that has not ended serves on, unless it is the very one that will not do.
    private OrganizationToken? Quiet(OrganizationTokenEntry entry, OrganizationTokenFailure failure, Versioned<OrganizationToken>? stored, RenewalCause cause)
    {
        entry.Failure = failure;
        entry.KeepQuietUntil(failure.Until);
        if (stored is null || stored.Value.Expires <= clock.GetUtcNow())
            return null;
        if (entry.Held is null)
        {
            Adopt(entry, stored.Value);
            entry.Failure = failure;
            entry.KeepQuietUntil(failure.Until);
        }
        return cause.IsServedBy(stored.Value) ? stored.Value : null;
    }

    private StoreKey FailureKey(OrganizationTokenEntry entry) => _failures.Key(entry.Key.Name);
}
