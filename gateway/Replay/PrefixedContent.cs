using System.Net;

namespace OrgGateway.Replay;

/// <summary>A body of which the beginning was read already: that, then the rest as it comes.</summary>
internal sealed class PrefixedContent : HttpContent
{
    private readonly HttpContent _original;
    private readonly PrefixedStream _stream;

    public PrefixedContent(ReadOnlyMemory<byte> prefix, Stream rest, HttpContent original)
    {
        (_original, _stream) = (original, new PrefixedStream(prefix, rest));
        foreach (var (name, values) in original.Headers.NonValidated)
            Headers.TryAddWithoutValidation(name, values);
    }

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(_stream);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _stream.CopyToAsync(stream);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _original.Dispose();
        base.Dispose(disposing);
    }
}
