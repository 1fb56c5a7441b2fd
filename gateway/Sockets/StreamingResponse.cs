using OrgGateway.Access;

namespace OrgGateway.Sockets;

/// <summary>A response that runs on after its headers, such as server-sent events or a download: cut when its access ends.</summary>
public sealed class StreamingResponse(Permit permit, HttpContext context, bool isEndless) : LiveConnection(permit)
{
    private readonly Lock _gate = new();
    private HttpContext? _context = context;

    /// <summary>Server-sent events: it ends only when somebody ends it.</summary>
    public bool IsEndless => isEndless;

    /// <summary>Next in the list of those that have just begun.</summary>
    public StreamingResponse? Next { get; set; }

    public bool IsFinished
    {
        get
        {
            lock (_gate)
                return _context is null;
        }
    }

    /// <summary>There is no frame to say it with: the response breaks off, so that nobody takes its part for the whole.</summary>
    public override void Close(CloseReason why)
    {
        // The lock keeps the context from going to another request meanwhile.
        lock (_gate)
        {
            if (_context is null)
                return;
            _context.Abort();
            _context = null;
        }
        SocketMetrics.ClosedWith(why);
    }

    public void Finish()
    {
        lock (_gate)
            _context = null;
    }
}
