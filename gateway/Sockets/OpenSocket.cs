using OrgGateway.Access;

namespace OrgGateway.Sockets;

/// <summary>One WebSocket from its handshake to its end: asked to close it tells both ends, and is cut where they do not answer.</summary>
public sealed class OpenSocket : LiveConnection
{
    /// <summary>How long a boundary, and then an answer, is waited for.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    /// <summary>What a client that still takes what was sent before gets on top: it is slow, and may yet read why.</summary>
    private static readonly TimeSpan GraceOfSlowClients = TimeSpan.FromMilliseconds(1500);

    private static long _opened;

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop;
    private HttpContext? _context;
    private SocketStream? _stream;
    private CloseReason? _why;
    private TimeSpan _grace = Grace;
    private Step _step;
    private bool _waitedForClient;
    private long _since; // of this step
    private TimeSpan _wait;

    public OpenSocket(Permit permit, HttpContext context, TimeProvider clock, ILogger logger)
        : base(permit)
    {
        (_context, _clock, _logger) = (context, clock, logger);
        Number = Interlocked.Increment(ref _opened);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
    }

    private enum Step
    {
        Open,

        /// <summary>The Close frame waits for a boundary.</summary>
        Asked,

        /// <summary>The Close frame is out; the client's answer is waited for, then the upstream's.</summary>
        Sent,

        /// <summary>Both copies are stopped; what is in the client's pipe still goes out.</summary>
        Stopping,
    }

    /// <summary>Rises with every socket of this process.</summary>
    public long Number { get; }

    /// <summary>In place of the request's own token: ends the proxying and lets the client's connection end in good order.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Takes over the upgraded connection.</summary>
    public SocketStream Open(Stream client)
    {
        var stream = new SocketStream(client, this);
        CloseReason? why;
        lock (_gate)
            (_stream, why) = (stream, _why);
        if (why is not null)
            stream.Close(why);
        return stream;
    }

    /// <summary>Whether the client has sent a message since this was last asked.</summary>
    public bool TakeHeard() => _stream?.TakeHeard() ?? false;

    public override void Close(CloseReason why) => Close(why, Grace);

    /// <param name="grace">How long the client may take to answer.</param>
    public void Close(CloseReason why, TimeSpan grace)
    {
        SocketStream? stream;
        lock (_gate)
        {
            if (_why is not null || _context is null)
                return;
            (_why, _grace, stream) = (why, grace, _stream);
            Enter(Step.Asked, Grace);
        }
        SocketMetrics.ClosedWith(why);
        stream?.Close(why);
    }

    public override void Sweep(DateTimeOffset now)
    {
        base.Sweep(now);
        bool stop;
        lock (_gate)
        {
            if (_step == Step.Open || _clock.GetElapsedTime(_since) < _wait)
                return;
            if (_step == Step.Asked && !_waitedForClient && _stream?.IsWriting == true)
            {
                _waitedForClient = true;
                Enter(Step.Asked, GraceOfSlowClients);
                return;
            }
            stop = _step == Step.Sent;
            Enter(Step.Stopping, Grace);
        }
        if (stop)
            EndProxying();
        else
            Abort();
    }

    /// <summary>Cuts both connections.</summary>
    public void Abort()
    {
        // The lock keeps the context from going to another request meanwhile.
        lock (_gate)
            _context?.Abort();
    }

    /// <summary>The request is over; from here on nothing touches its connection.</summary>
    public async Task FinishAsync()
    {
        SocketStream? stream;
        lock (_gate)
            (stream, _context) = (_stream, null);
        if (stream is not null)
            await stream.FinishAsync();
        _stop.Dispose();
    }

    internal void CloseSent()
    {
        lock (_gate)
            Enter(Step.Sent, _grace);
    }

    /// <param name="toldUpstream">Then the upstream gets its own grace to answer; else it only sees its connection end.</param>
    internal void Answered(bool toldUpstream)
    {
        if (toldUpstream)
            CloseSent();
        else
            EndProxying();
    }

    internal void Malformed(string peer)
    {
        _logger.Malformed(RouteId, peer);
        Abort();
    }

    private void Enter(Step step, TimeSpan wait) => (_step, _since, _wait) = (step, _clock.GetTimestamp(), wait);

    private void EndProxying()
    {
        lock (_gate)
        {
            if (_context is not null)
                _ = _stop.CancelAsync(); // its callbacks belong to the proxy and run elsewhere
        }
    }
}
