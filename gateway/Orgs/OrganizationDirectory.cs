using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using OrgGateway.Storage;

namespace OrgGateway.Orgs;

/// <summary>
/// Names of organizations that the configuration does not know: from the store and from a look-up service, with copies in this
/// process. A copy that has aged is served once more while it is asked for again; in an outage it serves on.
/// </summary>
public sealed class OrganizationDirectory : IDisposable
{
    private const string Channel = "organizations";
    private const int CopyLimit = 20_000;
    private const int LearnLimit = 10_000;
    private readonly OrganizationDirectoryOptions _options;
    private readonly DirectoryRecords _records;
    private readonly DirectoryService _service;
    private readonly IStore _store;
    private readonly TimeProvider _clock;
    private readonly ILogger<OrganizationDirectory> _logger;
    private readonly bool _usesStore;
    private readonly bool _usesService;
    private readonly DirectoryCopies _copies = new(CopyLimit);
    private readonly ConcurrentDictionary<string, Lazy<Task<DirectoryAnswer>>> _looking = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _learned = new(StringComparer.Ordinal);
    private readonly TokenBucketRateLimiter _pace;
    private long _changedAt;

    public OrganizationDirectory(OrganizationDirectoryOptions options, DirectoryRecords records, DirectoryService service, IStore store, TimeProvider clock, ILogger<OrganizationDirectory> logger)
    {
        (_options, _records, _service, _store, _clock, _logger) = (options, records, service, store, clock, logger);
        (_usesStore, _usesService) = (options.Uses("store"), options.Uses("http"));
        _pace = new(new() { TokenLimit = options.LookupsPerSecond, TokensPerPeriod = options.LookupsPerSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1), AutoReplenishment = true });
        store.Subscribe(Channel, _ => Interlocked.Exchange(ref _changedAt, clock.GetUtcNow().UtcTicks));
    }

    public bool IsUsed => _usesStore || _usesService;

    /// <summary>Whether <c>store</c> is among the sources.</summary>
    public bool UsesStore => _usesStore;

    /// <summary>Whether an organization may be known from claims alone.</summary>
    public bool TrustsClaims => _options.Uses("claims");

    /// <summary>By slug or id. Warm: one look-up in this process.</summary>
    public ValueTask<DirectoryAnswer> FindAsync(string name, CancellationToken cancellationToken)
    {
        var copy = _copies.Find(name);
        if (copy is null)
            return new(LookAsync(name).WaitAsync(cancellationToken));
        var age = _clock.GetUtcNow() - copy.ReadAt;
        var changed = copy.ReadAt.UtcTicks <= Volatile.Read(ref _changedAt);
        if (!changed && age < _options.CacheFor)
            return new(new DirectoryAnswer(copy.Entry, true));
        if (changed || age >= 2 * _options.CacheFor)
            return new(AgedAsync(copy, LookAsync(name).WaitAsync(cancellationToken)));
        _ = LookAsync(name);
        return new(new DirectoryAnswer(copy.Entry, true));
    }

    /// <summary>Remembers here, and soon in the store, whose slug this is: the first organization that comes with it keeps it (T75).</summary>
    public void Learn(string slug, string id)
    {
        if (!_usesStore || _learned.Count >= LearnLimit || !_learned.TryAdd(slug, id))
            return;
        _copies.Put(slug, new(new DirectoryEntry(id), _clock.GetUtcNow()));
    }

    /// <summary>Writes down what was learned.</summary>
    public async Task KeepLearnedAsync(CancellationToken cancellationToken)
    {
        foreach (var (slug, id) in _learned)
        {
            var bound = await _records.BindAsync(slug, id, cancellationToken);
            if (bound == StoreWrite.Unavailable)
                return;
            _learned.TryRemove(slug, out _);
            if (bound != StoreWrite.Refused)
                continue;
            // Another replica had met another organization under this name first.
            _logger.SlugTaken(slug, id);
            await LookAsync(slug);
        }
    }

    public async ValueTask<StoreWrite> PutAsync(DirectoryEntry entry, CancellationToken cancellationToken) => await ChangedAsync(await _records.PutAsync(entry, cancellationToken));

    public async ValueTask<StoreWrite> RemoveAsync(string id, CancellationToken cancellationToken) => await ChangedAsync(await _records.RemoveAsync(id, cancellationToken));

    /// <summary>What the store holds; null when it does not answer.</summary>
    public ValueTask<IReadOnlyList<DirectoryEntry>?> ListAsync(CancellationToken cancellationToken) => _records.ListAsync(cancellationToken);

    public void Dispose() => _pace.Dispose();

    private async ValueTask<StoreWrite> ChangedAsync(StoreWrite written)
    {
        if (written == StoreWrite.Done)
            await _store.PublishAsync(Channel, [1], CancellationToken.None); // lost: copies age out
        return written;
    }

    private static async Task<DirectoryAnswer> AgedAsync(DirectoryCopy copy, Task<DirectoryAnswer> look) =>
        await look is { IsAvailable: true } answer ? answer : new DirectoryAnswer(copy.Entry, true);

    private Task<DirectoryAnswer> LookAsync(string name) => _looking.GetOrAdd(name, n => new Lazy<Task<DirectoryAnswer>>(() => LookOnceAsync(n))).Value;

    private async Task<DirectoryAnswer> LookOnceAsync(string name)
    {
        await Task.Yield();
        try
        {
            // Names are for strangers to make up: what they cost the store and the service is bounded (T107).
            using var pace = _pace.AttemptAcquire();
            if (!pace.IsAcquired)
                return DirectoryAnswer.Unavailable;
            var readAt = _clock.GetUtcNow();
            var answer = _usesStore ? await _records.FindAsync(name, CancellationToken.None) : DirectoryAnswer.Unknown;
            if (answer is { Entry: null, IsAvailable: true } && _usesService)
                answer = await _service.FindAsync(name, CancellationToken.None);
            if (answer is { Entry: null, IsAvailable: true } && _learned.TryGetValue(name, out var id))
                answer = DirectoryAnswer.Found(new DirectoryEntry(id));
            if (answer.IsAvailable)
                Keep(name, answer.Entry, readAt);
            return answer;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _logger.DirectoryLookupFailed(exception);
            return DirectoryAnswer.Unavailable;
        }
        finally
        {
            _looking.TryRemove(name, out _);
        }
    }

    // An unchanged entry stays the same object: what is worked out for it is worked out once.
    private void Keep(string name, DirectoryEntry? entry, DateTimeOffset readAt)
    {
        var known = _copies.Find(name)?.Entry;
        _copies.Put(name, new(known == entry ? known : entry, readAt));
    }
}
