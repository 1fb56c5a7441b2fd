using System.Runtime.CompilerServices;

namespace OrgGateway.Sockets;

/// <summary>
/// The client's end of an upgraded connection, as the proxy copies to and from it. Follows the frames both ways, so that a Close
/// frame of the gateway's own can go out between two frames of the upstream; from the moment it is asked for, nothing of either
/// side is delivered to the other any more. Bytes are never copied or kept.
/// </summary>
public sealed class SocketStream(Stream inner, OpenSocket socket) : Stream
{
    private readonly Lock _gate = new();
    private FrameTracker _toClient = new(masked: false);
    private FrameTracker _fromClient = new(masked: true);
    private volatile CloseReason? _why;
    private volatile Output _output;
    private Task _sending = Task.CompletedTask;
    private bool _dropping;
    private bool _toldUpstream;

    private enum Output
    {
        Idle,

        /// <summary>The proxy's write is on its way.</summary>
        Writing,

        /// <summary>The Close frame is on its way, and is the last.</summary>
        Closing,
        Closed,
    }

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Whether a client has sent a message since this was last asked.</summary>
    public bool TakeHeard()
    {
        var heard = _fromClient.SawData;
        if (heard)
            _fromClient.SawData = false; // a message that comes in between is asked about next time, at worst
        return heard;
    }

    /// <summary>Bytes are on their way to a client that takes them slowly.</summary>
    public bool IsWriting => _output is Output.Writing or Output.Closing;

    /// <summary>Sends the Close frame at the next boundary: now, or when the frame under way has passed.</summary>
    public void Close(CloseReason why)
    {
        lock (_gate)
        {
            _why ??= why;
            if (_output == Output.Idle && MayClose)
                BeginClose();
        }
    }

    /// <summary>After this nothing of ours is written: the connection may belong to the next request.</summary>
    public Task FinishAsync()
    {
        lock (_gate)
        {
            if (_output != Output.Closing)
                _output = Output.Closed;
            return _sending;
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_why is not null)
            return ReadClosingAsync(buffer, 0, cancellationToken);
        var read = inner.ReadAsync(buffer, cancellationToken);
        // The proxy waits with an empty buffer; with another one the bytes are there already.
        if (buffer.IsEmpty)
            return read;
        return read.IsCompletedSuccessfully ? DeliverAsync(buffer, read.Result, cancellationToken) : AwaitReadAsync(buffer, read, cancellationToken);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        bool isSound;
        lock (_gate)
        {
            if (_output is Output.Closing or Output.Closed)
                return ValueTask.CompletedTask; // the upstream speaks to nobody any more
            // Asked to close within a frame: its rest still goes out, since a Close inside of it would be read as its payload.
            isSound = _toClient.TryAdvance(buffer.Span, toBoundary: _why is not null, out var used);
            buffer = buffer[..used];
            _output = isSound ? Output.Writing : Output.Closed;
        }
        if (!isSound)
            return ValueTask.FromException(Malformed("upstream"));
        var write = inner.WriteAsync(buffer, cancellationToken);
        if (!write.IsCompletedSuccessfully)
            return AwaitWriteAsync(write);
        write.GetAwaiter().GetResult();
        Written();
        return ValueTask.CompletedTask;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private bool MayClose => _toClient.AtBoundary && !_toClient.SawClose;

    private void BeginClose()
    {
        _output = Output.Closing;
        // Elsewhere, since whoever asks may hold locks and may have ten thousand more to ask.
        _sending = Task.Run(() => SendCloseAsync(_why!));
    }

    private async Task SendCloseAsync(CloseReason why)
    {
        try
        {
            await inner.WriteAsync(why.ToClient, CancellationToken.None);
            await inner.FlushAsync(CancellationToken.None);
            socket.CloseSent();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            socket.Abort(); // the client has gone, or cannot be told
        }
        finally
        {
            lock (_gate)
                _output = Output.Closed;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AwaitWriteAsync(ValueTask write)
    {
        await write;
        Written();
    }

    private void Written()
    {
        lock (_gate)
        {
            if (_output != Output.Writing)
                return;
            _output = Output.Idle;
            if (_why is not null && MayClose)
                BeginClose();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitReadAsync(Memory<byte> buffer, ValueTask<int> read, CancellationToken cancellationToken) =>
        await DeliverAsync(buffer, await read, cancellationToken);

    private ValueTask<int> DeliverAsync(Memory<byte> buffer, int count, CancellationToken cancellationToken)
    {
        if (_why is not null)
            return ReadClosingAsync(buffer, count, cancellationToken);
        return _fromClient.TryAdvance(buffer.Span[..count], toBoundary: false, out _) ? new(count) : ValueTask.FromException<int>(Malformed("client"));
    }

    /// <summary>What the client sends from now on is dropped; the upstream gets a Close frame where it is between frames, and then the end.</summary>
    private async ValueTask<int> ReadClosingAsync(Memory<byte> buffer, int count, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty)
            return 0; // "there is something to read"
        if (!_dropping)
        {
            _dropping = true;
            // Within a frame the upstream would take our Close for the frame's rest: it gets none, and its connection is cut.
            var canTell = _fromClient.AtBoundary && !_fromClient.SawClose && buffer.Length >= _why!.LengthToUpstream;
            _fromClient.TryAdvance(buffer.Span[..count], toBoundary: false, out _);
            if (canTell)
            {
                _toldUpstream = true;
                _why!.WriteToUpstream(buffer.Span);
                return _why.LengthToUpstream;
            }
        }
        // The client's own Close, or its end, is the answer to ours.
        while (!_fromClient.SawClose)
        {
            count = await inner.ReadAsync(buffer, cancellationToken);
            if (count == 0 || !_fromClient.TryAdvance(buffer.Span[..count], toBoundary: false, out _))
                break;
        }
        socket.Answered(_toldUpstream);
        return 0;
    }

    private IOException Malformed(string peer)
    {
        socket.Malformed(peer);
        return new IOException($"the {peer} sent what is no WebSocket frame");
    }
}
