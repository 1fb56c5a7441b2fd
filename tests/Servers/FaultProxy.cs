using System.Net;
using System.Net.Sockets;

namespace OrgGateway.Tests.Servers;

/// <summary>What a <see cref="FaultProxy"/> does with the bytes between its two sides.</summary>
public enum Fault
{
    None,

    /// <summary>Connections are reset, and new ones as soon as they are made.</summary>
    Cut,

    /// <summary>Connections stay and new ones are taken, but no byte passes until the fault is over; then all of them do.</summary>
    Stall,

    /// <summary>Every piece comes late.</summary>
    Slow,

    /// <summary>Connections that are there are dead without a sign: their bytes vanish for ever. New ones work.</summary>
    HalfOpen,
}

/// <summary>A TCP proxy on loopback that breaks a network in the ways networks break.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly int _target;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closed = new();
    private readonly List<Link> _links = [];
    private readonly Task _accepting;
    private volatile Fault _fault;
    private TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FaultProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>For <see cref="Fault.Slow"/>.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(200);

    public int Connections
    {
        get { lock (_links) return _links.Count; }
    }

    public void Set(Fault fault)
    {
        lock (_links)
        {
            _fault = fault;
            _over.TrySetResult();
            _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (fault == Fault.HalfOpen)
                _links.ForEach(link => link.IsDead = true);
        }
        if (fault == Fault.Cut)
            CutAll();
    }

    /// <summary>Resets what is connected now; new connections do as the fault says.</summary>
    public void CutAll()
    {
        lock (_links)
        {
            _links.ForEach(link => link.Reset());
            _links.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _listener.Stop();
        CutAll();
        Set(Fault.None);
        await _accepting;
        _closed.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_closed.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_closed.Token);
                _ = ServeAsync(client);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        var link = new Link(client);
        try
        {
            if (_fault == Fault.Cut)
            {
                link.Reset();
                return;
            }
            await link.Server.ConnectAsync(IPAddress.Loopback, _target, _closed.Token);
            lock (_links)
                _links.Add(link);
            await Task.WhenAny(PumpAsync(link, client.GetStream(), link.Server.GetStream()), PumpAsync(link, link.Server.GetStream(), client.GetStream()));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
        }
        finally
        {
            lock (_links)
                _links.Remove(link);
            link.Reset();
        }
    }

    private async Task PumpAsync(Link link, NetworkStream from, NetworkStream to)
    {
        try
        {
            var buffer = new byte[64 * 1024];
            while (true)
            {
                var read = await from.ReadAsync(buffer, _closed.Token);
                if (read == 0)
                {
                    if (link.IsDead)
                        await Task.Delay(Timeout.Infinite, _closed.Token); // not even the goodbye arrives
                    return;
                }
                while (_fault == Fault.Stall)
                    await Over().WaitAsync(_closed.Token);
                if (_fault == Fault.Slow)
                    await Task.Delay(Delay, _closed.Token);
                if (!link.IsDead)
                    await to.WriteAsync(buffer.AsMemory(0, read), _closed.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
        }
    }

    private Task Over()
    {
        lock (_links)
            return _fault == Fault.Stall ? _over.Task : Task.CompletedTask;
    }

    private sealed class Link(TcpClient client)
    {
        public TcpClient Server { get; } = new() { NoDelay = true };

        public volatile bool IsDead;

        public void Reset()
        {
            foreach (var side in new[] { client, Server })
            {
                try
                {
                    if (side.Client is { Connected: true } socket)
                        socket.LingerState = new LingerOption(true, 0); // RST, as from a machine that went
                }
                catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
                {
                }
                side.Dispose();
            }
        }
    }
}
