using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace OrgGateway.Storage;

/// <summary>
/// Leads each new connection to the server that the sentinels name as the primary at that moment, and cuts those to one that they
/// name no longer. A primary that died and comes back says for some seconds that it still is one; whoever believes it reads what
/// has been revoked since, and misses sessions and keys that were made since.
/// </summary>
internal sealed class SentinelTunnel : Tunnel, IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private readonly ConnectionMultiplexer _sentinels;
    private readonly string _service;
    private readonly TimeSpan _timeout;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<EndPoint, NamedPrimary> _known = new();
    private readonly ConcurrentDictionary<Socket, NamedPrimary> _connections = new();
    private readonly SemaphoreSlim _switched = new(0);
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _watch;
    private NamedPrimary? _primary;

    private SentinelTunnel(ConnectionMultiplexer sentinels, string service, TimeSpan timeout, ILogger logger)
    {
        (_sentinels, _service, _timeout, _logger) = (sentinels, service, timeout, logger);
        _watch = WatchAsync();
        _ = ListenAsync();
    }

    /// <summary>Returns also when no sentinel can be reached; until one can, there is no primary.</summary>
    /// <param name="address">Of the sentinels; becomes that of the primary behind them.</param>
    public static async Task<SentinelTunnel> OpenAsync(ConfigurationOptions address, TimeSpan timeout, ILogger logger)
    {
        var service = address.ServiceName!;
        var tunnel = new SentinelTunnel(await ConnectionMultiplexer.SentinelConnectAsync(address.Clone()), service, timeout, logger);
        if (address.Ssl && !IsHostGiven(address))
            address.SslClientAuthenticationOptions = _ => tunnel.Authentication(address);
        address.ServiceName = null;
        address.EndPoints.Clear();
        address.EndPoints.Add(service, 0);
        address.Tunnel = tunnel;
        return tunnel;
    }

    public override async ValueTask<EndPoint?> GetSocketConnectEndpointAsync(EndPoint endpoint, CancellationToken cancellationToken)
    {
        // Asked anew each time: whoever was the primary a moment ago may have come back as one.
        if (await AskAsync() is not { } primary || await primary.ResolveAsync(cancellationToken) is not { } place)
            return null;
        _known[place] = primary;
        return place;
    }

    public override ValueTask<Stream?> BeforeAuthenticateAsync(EndPoint endpoint, ConnectionType connectionType, Socket? socket, CancellationToken cancellationToken)
    {
        if (socket?.RemoteEndPoint is not { } place || !_known.TryGetValue(place, out var primary))
            throw new IOException("the sentinels name no primary");
        _connections[socket] = primary;
        return base.BeforeAuthenticateAsync(endpoint, connectionType, socket, cancellationToken);
    }

    public override string ToString() => "sentinels of " + _service;

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _watch;
        _closed.Dispose();
        await _sentinels.DisposeAsync();
        _switched.Dispose();
    }

    // Where it is not set, the library tells a guess of its own.
    private static bool IsHostGiven(ConfigurationOptions address) => address.ToString(includePassword: false).Contains("sslHost=", StringComparison.Ordinal);

    private SslClientAuthenticationOptions Authentication(ConfigurationOptions address) => new()
    {
        TargetHost = Volatile.Read(ref _primary)?.Host,
        EnabledSslProtocols = address.SslProtocols ?? default,
        CertificateRevocationCheckMode = address.CheckCertificateRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
    };

    private async Task WatchAsync()
    {
        while (!_closed.IsCancellationRequested)
        {
            // The old primary takes writes until somebody tells it, and they are lost: a moment earlier matters.
            await ((Task)_switched.WaitAsync(Every, _closed.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var primary = await AskAsync();
            foreach (var (socket, connected) in _connections)
                if (!socket.Connected)
                    _connections.TryRemove(socket, out _);
                else if (primary is not null && primary.Replaces(connected))
                    Cut(socket, connected, primary);
        }
    }

    private async Task ListenAsync()
    {
        try
        {
            await _sentinels.GetSubscriber().SubscribeAsync(RedisChannel.Literal("+switch-master"), (_, _) => _switched.Release());
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Sent again by the library when a sentinel is there; what is missed is found by asking, a second later.
        }
    }

    private void Cut(Socket socket, NamedPrimary from, NamedPrimary to)
    {
        if (!_connections.TryRemove(socket, out _))
            return;
        _logger.PrimaryLeft(from.ToString(), to.ToString());
        socket.Dispose();
    }

    // All are asked: one that was cut off from the others still names the primary of then, with the lower epoch. But one that is
    // frozen, once another has answered, does not hold up every new connection.
    private async Task<NamedPrimary?> AskAsync()
    {
        var asked = _sentinels.GetServers().Select(AskAsync).ToList();
        NamedPrimary? primary = null;
        await foreach (var answer in Task.WhenEach(asked))
            if ((primary = await answer) is not null)
                break;
        if (primary is null)
            return null;
        await ((Task)Task.WhenAll(asked)).WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var answer in asked)
            if (answer.IsCompletedSuccessfully && await answer is { } named && named.Epoch > primary.Epoch)
                primary = named;
        Volatile.Write(ref _primary, primary);
        return primary;
    }

    private async Task<NamedPrimary?> AskAsync(IServer sentinel)
    {
        try
        {
            return NamedPrimary.Of(await sentinel.SentinelMasterAsync(_service).WaitAsync(_timeout + _timeout, _closed.Token));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return null; // not there, or it does not know the service yet
        }
    }
}
