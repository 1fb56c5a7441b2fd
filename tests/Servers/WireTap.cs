using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace OrgGateway.Tests.Servers;

/// <summary>
/// Keeps the bytes of a connection as they come, for what a parsed request no longer tells: the order, the case and the
/// repetition of headers. For clients that do not pipeline, which a reverse proxy does not.
/// </summary>
public sealed class WireTap
{
    private readonly Lock _lock = new();
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>Connection middleware that puts a tap, as a feature, on every connection of an endpoint.</summary>
    public static ConnectionDelegate On(ConnectionDelegate next) => async connection =>
    {
        var tap = new WireTap();
        connection.Features.Set(tap);
        var transport = connection.Transport;
        var tapped = PipeReader.Create(new TappedStream(transport.Input.AsStream(), tap));
        connection.Transport = new Duplex(tapped, transport.Output);
        await next(connection);
        await tapped.CompleteAsync();
        connection.Transport = transport;
    };

    /// <summary>The header lines of the request that Kestrel has just parsed; null when they are not HTTP/1.1 or are lost behind a body.</summary>
    public string? HeaderLines(string method, string rawTarget)
    {
        lock (_lock)
        {
            var text = Encoding.Latin1.GetString(_bytes.WrittenSpan);
            var requestLine = $"{method} {rawTarget} HTTP/1.1\r\n";
            // The last one: what stands before it may be the unread rest of an earlier body.
            var start = text.LastIndexOf(requestLine, StringComparison.Ordinal);
            var end = start < 0 ? -1 : text.IndexOf("\r\n\r\n", start, StringComparison.Ordinal);
            return end < 0 ? null : text[Math.Min(start + requestLine.Length, end)..end];
        }
    }

    /// <summary>Makes room for the next request.</summary>
    public void Clear()
    {
        lock (_lock) _bytes.Clear();
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        // A head is what is wanted, not megabytes of body.
        lock (_lock)
            if (_bytes.WrittenCount < 256 * 1024) _bytes.Write(bytes);
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class TappedStream(Stream inner, WireTap tap) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            tap.Keep(buffer.Span[..count]);
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
