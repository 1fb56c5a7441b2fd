using System.Collections.Concurrent;
using StackExchange.Redis;

namespace OrgGateway.Storage;

/// <summary>
/// The store's connection for messages, watched: one that is cut, silent or half open is noticed within seconds, and until messages
/// surely come in again nobody may rely on having heard of a change.
/// </summary>
internal sealed class Subscription : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly IConnectionMultiplexer _connection;
    private readonly TimeSpan _timeout;
    private readonly ILogger _logger;
    private readonly ConcurrentQueue<RedisChannel> _channels = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _watch;
    private long _since = long.MaxValue;
    private int _cuts;

    public Subscription(IConnectionMultiplexer connection, TimeSpan timeout, ILogger logger)
    {
        (_connection, _timeout, _logger) = (connection, timeout, logger);
        if (connection.IsConnected)
            _since = 0; // nothing was read before, so nothing was missed
        connection.ConnectionFailed += (_, _) => Break("the connection failed");
        _watch = WatchAsync();
    }

    public long ListeningSince => Volatile.Read(ref _since);

    /// <summary>Registered at once, sent when connected, and sent again by the library after every reconnect.</summary>
    public void Add(RedisChannel channel, Action<byte[]> handler) => _ = SubscribeAsync(channel, handler);

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _watch;
        _closed.Dispose();
    }

    private async Task SubscribeAsync(RedisChannel channel, Action<byte[]> handler)
    {
        _channels.Enqueue(channel);
        try
        {
            await _connection.GetSubscriber().SubscribeAsync(channel, (_, message) => handler((byte[])message!));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            Break(exception.GetType().Name);
        }
    }

    private void Break(string why)
    {
        Interlocked.Increment(ref _cuts);
        if (Interlocked.Exchange(ref _since, long.MaxValue) != long.MaxValue && !_closed.IsCancellationRequested)
            _logger.SubscriptionBroken(why);
    }

    private async Task WatchAsync()
    {
        var (cuts, alive) = (-1, 0);
        while (!_closed.IsCancellationRequested)
        {
            await Task.Delay(Every, _closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var before = Volatile.Read(ref _cuts);
            if (!await AnswersAsync())
            {
                Break("no answer");
                alive = 0;
                continue;
            }
            // Twice without a cut in between: after a reconnect the library subscribes again, and the second answer comes after that.
            (alive, cuts) = (before == cuts ? alive + 1 : 1, before);
            if (alive < 2 || Volatile.Read(ref _since) != long.MaxValue)
                continue;
            Volatile.Write(ref _since, TimeProvider.System.GetUtcNow().UtcTicks);
            if (Volatile.Read(ref _cuts) != before)
                Volatile.Write(ref _since, long.MaxValue);
            else
                _logger.SubscriptionRestored();
        }
    }

    // Of the connection that messages come by; and every channel must be known to it as subscribed.
    private async Task<bool> AnswersAsync()
    {
        try
        {
            var subscriber = _connection.GetSubscriber();
            await subscriber.PingAsync().WaitAsync(_timeout + _timeout, _closed.Token);
            return _channels.All(subscriber.IsConnected);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return false;
        }
    }
}
