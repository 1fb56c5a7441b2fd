using System.Diagnostics;
using StackExchange.Redis;

namespace OrgGateway.Storage;

/// <summary>The shared store. Every wait is bounded, a Redis that is down or silent is <c>Unavailable</c>, and it comes back by itself.</summary>
public sealed class RedisStore : IStore
{
    // An answer of a replica may be older than a revocation or a sign-in: it is no answer.
    private const CommandFlags OfThePrimary = CommandFlags.DemandMaster;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromSeconds(1);

    // Compare and write in one step on the server; one key each, so that Redis Cluster can place them.
    private const string ReplaceScript = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1 end return 0";
    private const string ReleaseScript = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";
    private const string LeaseScript =
        "local owner = redis.call('GET', KEYS[1]) if owner and owner ~= ARGV[1] then return 0 end redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1";

    // A sorted set scored by each member's end; the whole ends with its last member.
    private const string AddToIndexScript =
        "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3]) redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1]) " +
        "redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2])) return 1";

    // The arithmetic of UsageWindow, by the server's one clock. ARGV: limit, window in milliseconds, cost, sliding, always.
    private const string UseWindowScript =
        "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000) " +
        "local limit, window, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]) local sliding, always = ARGV[4] == '1', ARGV[5] == '1' " +
        "local h = redis.call('HMGET', KEYS[1], 's', 'c', 'p') local s, c, p = tonumber(h[1]), tonumber(h[2]) or 0, tonumber(h[3]) or 0 " +
        "if not s or now >= s + 2 * window then s, c, p = now, 0, 0 elseif now >= s + window then s, p, c = s + window, (sliding and c or 0), 0 end " +
        "local left = s + window - now local used = p * left / window + c local allowed = used + cost <= limit + 1e-9 local wait = 0 " +
        "if not allowed then if c + cost <= limit then wait = left - (limit - c - cost) * window / p " +
        "elseif sliding and cost <= limit then wait = left + window - (limit - cost) * window / c else wait = left end end " +
        "if allowed or always then c = c + cost used = used + cost " +
        "redis.call('HSET', KEYS[1], 's', string.format('%.0f', s), 'c', string.format('%.0f', c), 'p', string.format('%.0f', p)) redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', s + 2 * window)) end " +
        "return { allowed and 1 or 0, math.max(0, math.floor(limit - used + 1e-9)), math.ceil(left), math.ceil(wait) }";

    private readonly IConnectionMultiplexer _requests;
    private readonly IConnectionMultiplexer _messages;
    private readonly SentinelTunnel? _sentinels;
    private readonly IDatabase _database;
    private readonly string _prefix;
    private readonly TimeSpan _timeout;
    private readonly ILogger _logger;
    private readonly Subscription _subscription;
    private readonly CancellationTokenSource _closed = new();
    private int _unavailable;

    private RedisStore(IConnectionMultiplexer requests, IConnectionMultiplexer messages, SentinelTunnel? sentinels, StoreOptions options, ILogger logger)
    {
        (_requests, _messages, _sentinels, _database) = (requests, messages, sentinels, requests.GetDatabase());
        (_prefix, _timeout, _logger) = (options.KeyPrefix + ":", options.Timeout, logger);
        _subscription = new(messages, options.Timeout, logger);
    }

    public bool IsAvailable => Volatile.Read(ref _unavailable) == 0 && _requests.IsConnected;

    public long ListeningSince => _subscription.ListeningSince;

    /// <summary>Returns also when the server is down; then every answer is <c>Unavailable</c> until it is up.</summary>
    public static async Task<RedisStore> ConnectAsync(StoreOptions options, ILogger logger)
    {
        var address = RedisAddress.Of(options);
        var sentinels = string.IsNullOrEmpty(address.ServiceName) ? null : await SentinelTunnel.OpenAsync(address, options.Timeout, logger);
        // Two connections: a large message or a busy subscription never stands in front of a request's read.
        var (requests, messages) = (ConnectionMultiplexer.ConnectAsync(address), ConnectionMultiplexer.ConnectAsync(address));
        return new RedisStore(await requests, await messages, sentinels, options, logger);
    }

    public ValueTask<StoreRead<byte[]>> ReadAsync(StoreKey key, CancellationToken cancellationToken) =>
        ReadAsync(_database.StringGetAsync(Name(key), OfThePrimary), cancellationToken);

    public ValueTask<StoreRead<byte[]>> TakeAsync(StoreKey key, CancellationToken cancellationToken) =>
        ReadAsync(_database.StringGetDeleteAsync(Name(key), OfThePrimary), cancellationToken);

    public ValueTask<StoreWrite> CreateAsync(StoreKey key, byte[] value, DateTimeOffset expires, CancellationToken cancellationToken) =>
        IsTooLarge(value) ? new(StoreWrite.TooLarge) : WriteAsync(_database.StringSetAsync(Name(key), value, new Expiration(Left(expires)), ValueCondition.NotExists, OfThePrimary), cancellationToken);

    public ValueTask<StoreWrite> PutAsync(StoreKey key, byte[] value, DateTimeOffset expires, CancellationToken cancellationToken) =>
        IsTooLarge(value) ? new(StoreWrite.TooLarge) : WriteAsync(_database.StringSetAsync(Name(key), value, new Expiration(Left(expires)), ValueCondition.Always, OfThePrimary), cancellationToken);

    public ValueTask<StoreWrite> ReplaceAsync(StoreKey key, byte[] expected, byte[] value, DateTimeOffset expires, CancellationToken cancellationToken) =>
        IsTooLarge(value) ? new(StoreWrite.TooLarge) : ScriptAsync(ReplaceScript, key, [expected, value, (long)Left(expires).TotalMilliseconds], cancellationToken);

    public ValueTask<StoreWrite> ExtendAsync(StoreKey key, DateTimeOffset expires, CancellationToken cancellationToken) =>
        WriteAsync(_database.KeyExpireAsync(Name(key), Left(expires), flags: OfThePrimary), cancellationToken);

    public ValueTask<StoreWrite> RemoveAsync(StoreKey key, CancellationToken cancellationToken) =>
        WriteAsync(_database.KeyDeleteAsync(Name(key), OfThePrimary), cancellationToken);

    public ValueTask<StoreWrite> LeaseAsync(StoreKey key, string owner, TimeSpan life, CancellationToken cancellationToken) =>
        ScriptAsync(LeaseScript, key, [owner, (long)life.TotalMilliseconds], cancellationToken);

    public ValueTask<StoreWrite> ReleaseAsync(StoreKey key, string owner, CancellationToken cancellationToken) =>
        ScriptAsync(ReleaseScript, key, [owner], cancellationToken);

    public async ValueTask<WindowAnswer> UseWindowAsync(StoreKey key, WindowUse use, CancellationToken cancellationToken)
    {
        RedisValue[] arguments = [use.Limit, (long)use.Window.TotalMilliseconds, use.Cost, use.Sliding ? 1 : 0, use.Always ? 1 : 0];
        var (answered, result) = await AnswerAsync(_database.ScriptEvaluateAsync(UseWindowScript, [Name(key)], arguments, OfThePrimary), cancellationToken);
        return answered && (long[]?)result is [var allowed, var remaining, var left, var wait]
            ? new(true, allowed == 1, (int)remaining, TimeSpan.FromMilliseconds(left), TimeSpan.FromMilliseconds(wait))
            : WindowAnswer.Unavailable;
    }

    public ValueTask<StoreWrite> AddToIndexAsync(StoreKey index, string member, DateTimeOffset expires, CancellationToken cancellationToken) =>
        ScriptAsync(AddToIndexScript, index, [member, expires.ToUnixTimeMilliseconds(), Now()], cancellationToken);

    public ValueTask<StoreWrite> RemoveFromIndexAsync(StoreKey index, string member, CancellationToken cancellationToken) =>
        WriteAsync(_database.SortedSetRemoveAsync(Name(index), member, OfThePrimary), cancellationToken);

    public async ValueTask<StoreRead<string[]>> ReadIndexAsync(StoreKey index, int limit, CancellationToken cancellationToken)
    {
        var (answered, members) = await AnswerAsync(
            _database.SortedSetRangeByScoreAsync(Name(index), Now(), double.PositiveInfinity, Exclude.Start, Order.Descending, 0, limit, OfThePrimary), cancellationToken);
        return !answered ? StoreRead<string[]>.Unavailable
            : members!.Length == 0 ? StoreRead<string[]>.Missing
            : StoreRead<string[]>.Found([.. members.Select(m => m.ToString())]);
    }

    public async ValueTask<StoreRead<IndexMember[]>> ReadIndexPageAsync(StoreKey index, int skip, int limit, CancellationToken cancellationToken)
    {
        var (answered, members) = await AnswerAsync(
            _database.SortedSetRangeByScoreWithScoresAsync(Name(index), Now(), double.PositiveInfinity, Exclude.Start, Order.Descending, skip, limit, OfThePrimary), cancellationToken);
        return !answered ? StoreRead<IndexMember[]>.Unavailable
            : members!.Length == 0 ? StoreRead<IndexMember[]>.Missing
            : StoreRead<IndexMember[]>.Found([.. members.Select(m => new IndexMember(m.Element.ToString(), DateTimeOffset.FromUnixTimeMilliseconds((long)m.Score)))]);
    }

    public async ValueTask<long?> CountIndexAsync(StoreKey index, CancellationToken cancellationToken)
    {
        var (answered, count) = await AnswerAsync(_database.SortedSetLengthAsync(Name(index), Now(), double.PositiveInfinity, Exclude.Start, OfThePrimary), cancellationToken);
        return answered ? count : null;
    }

    public ValueTask<StoreWrite> PublishAsync(string channel, byte[] message, CancellationToken cancellationToken) =>
        WriteAsync(DeliverAsync(channel, message), cancellationToken);

    public void Subscribe(string channel, Action<byte[]> handler) => _subscription.Add(RedisChannel.Literal(_prefix + channel), handler);

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _subscription.DisposeAsync();
        await _messages.DisposeAsync();
        await _requests.DisposeAsync();
        if (_sentinels is not null)
            await _sentinels.DisposeAsync();
    }

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    // Values end after a time and not at one: a gateway whose clock is behind would write what has ended already, for all replicas.
    private static TimeSpan Left(DateTimeOffset expires) => expires - TimeProvider.System.GetUtcNow() is var left && left > Shortest ? left : Shortest;

    private RedisKey Name(StoreKey key) => _prefix + key.Kind + ":" + key.Name;

    // It would hold up every other command.
    private static bool IsTooLarge(byte[] value) => value.Length > StoreOptions.LargestValue;

    private async Task<bool> DeliverAsync(string channel, byte[] message)
    {
        await _messages.GetSubscriber().PublishAsync(RedisChannel.Literal(_prefix + channel), message);
        return true;
    }

    private async ValueTask<StoreRead<byte[]>> ReadAsync(Task<RedisValue> command, CancellationToken cancellationToken)
    {
        var (answered, value) = await AnswerAsync(command, cancellationToken);
        return !answered ? StoreRead<byte[]>.Unavailable
            : value.IsNull ? StoreRead<byte[]>.Missing
            : StoreRead<byte[]>.Found((byte[])value!);
    }

    private async ValueTask<StoreWrite> WriteAsync(Task<bool> command, CancellationToken cancellationToken)
    {
        var (answered, done) = await AnswerAsync(command, cancellationToken);
        return !answered ? StoreWrite.Unavailable : done ? StoreWrite.Done : StoreWrite.Refused;
    }

    private async ValueTask<StoreWrite> ScriptAsync(string script, StoreKey key, RedisValue[] values, CancellationToken cancellationToken)
    {
        var (answered, result) = await AnswerAsync(_database.ScriptEvaluateAsync(script, [Name(key)], values, OfThePrimary), cancellationToken);
        return !answered ? StoreWrite.Unavailable : (long)result! == 1 ? StoreWrite.Done : StoreWrite.Refused;
    }

    // The one place that tells "Redis is not there" from everything else. The library reports an outage in several ways, and
    // about one call in thousands of forced disconnects never completes by itself: hence the wait of our own, and the rule
    // that anything but the caller's own cancellation is an outage.
    private async ValueTask<(bool Answered, T? Value)> AnswerAsync<T>(Task<T> command, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            var value = await command.WaitAsync(_timeout + _timeout, cancellationToken);
            StorageMetrics.Duration.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
            if (Volatile.Read(ref _unavailable) == 1 && Interlocked.Exchange(ref _unavailable, 0) == 1)
                _logger.StoreAnswersAgain();
            return (true, value);
        }
        catch (Exception exception) when (exception is not ArgumentException && !(exception is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            StorageMetrics.Failures.Add(1, new KeyValuePair<string, object?>("failure", exception.GetType().Name));
            if (Interlocked.Exchange(ref _unavailable, 1) == 0)
            {
                _logger.StoreUnavailable(exception.GetType().Name);
                _ = ProbeAsync();
            }
            return (false, default);
        }
    }

    // A replica that is not ready gets no requests, and without requests nothing would tell it that the store is back.
    private async Task ProbeAsync()
    {
        do
        {
            await Task.Delay(ProbeEvery, _closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_closed.IsCancellationRequested)
                return;
            await AnswerAsync(_database.PingAsync(OfThePrimary), CancellationToken.None);
        }
        while (Volatile.Read(ref _unavailable) == 1);
    }
}
