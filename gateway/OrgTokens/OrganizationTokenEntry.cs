using OrgGateway.Orgs;
using OrgGateway.Storage;

namespace OrgGateway.OrgTokens;

/// <summary>What this replica knows of one organization's token.</summary>
internal sealed class OrganizationTokenEntry(Organization organization, StoreKey key, string settings, DateTimeOffset now)
{
    private long _used = now.UtcTicks;
    private long _quietUntil;
    private TaskCompletionSource<OrganizationTokenNews> _news = NewSignal();

    /// <summary>As the configuration in force has it.</summary>
    public Organization Organization { get => Volatile.Read(ref field); set => Volatile.Write(ref field, value); } = organization;

    public StoreKey Key { get; } = key;

    /// <summary>Hash of the source's secrets.</summary>
    public string Settings { get; } = settings;

    /// <summary>Null until the first token was had.</summary>
    public HeldToken? Held { get => Volatile.Read(ref field); set => Volatile.Write(ref field, value); }

    /// <summary>The last attempt, where it failed.</summary>
    public OrganizationTokenFailure? Failure { get => Volatile.Read(ref field); set => Volatile.Write(ref field, value); }

    /// <summary>Failed attempts since the last success.</summary>
    public int Failures { get; set; }

    /// <summary>Versions that the store's list names and that are not the token's, of earlier times or settings: looked at once, by the one upkeep.</summary>
    public HashSet<string> Passed { get; } = [];

    public bool MayTry(DateTimeOffset now) => now.UtcTicks >= Volatile.Read(ref _quietUntil);

    public void KeepQuietUntil(DateTimeOffset time) => Volatile.Write(ref _quietUntil, time.UtcTicks);

    public DateTimeOffset Used => new(Volatile.Read(ref _used), TimeSpan.Zero);

    // Written once a minute at most: a store at every request would keep the line moving between cores.
    public void Touch(long nowTicks)
    {
        if (nowTicks - Volatile.Read(ref _used) > TimeSpan.TicksPerMinute)
            Volatile.Write(ref _used, nowTicks);
    }

    /// <summary>Ends with the next word of another replica; taken before reading the store, so that none falls between.</summary>
    public Task<OrganizationTokenNews> NextNewsAsync() => Volatile.Read(ref _news).Task;

    public void Hear(OrganizationTokenNews news) => Interlocked.Exchange(ref _news, NewSignal()).TrySetResult(news);

    private static TaskCompletionSource<OrganizationTokenNews> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
