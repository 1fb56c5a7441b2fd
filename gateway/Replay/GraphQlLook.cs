using System.IO.Compression;
using OrgGateway.Access;

namespace OrgGateway.Replay;

/// <summary>
/// A bounded look at the beginning of a GraphQL answer (T110). What was read is put back in front of the rest, so that the caller
/// gets every byte. An answer whose data has begun is none of ours and is looked at no further.
/// </summary>
public static class GraphQlLook
{
    /// <summary>In bytes; an answer that is not over by then passes.</summary>
    public const int Longest = 64 * 1024;

    public static ValueTask<bool> IsRefusalAsync(HttpResponseMessage response, GraphQlCodes codes, CancellationToken cancellationToken) =>
        MayHoldErrors(response.Content) ? LookAsync(response, codes, cancellationToken) : new(false);

    private static bool MayHoldErrors(HttpContent content) =>
        content.Headers.ContentLength is not (0 or > Longest)
        && content.Headers.ContentType?.MediaType is { } type
        && (type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Equals("application/graphql-response+json", StringComparison.OrdinalIgnoreCase))
        && Encoding(content) is "" or "gzip" or "br";

    private static string Encoding(HttpContent content) => content.Headers.ContentEncoding.Count == 0 ? "" : string.Join(',', content.Headers.ContentEncoding).ToLowerInvariant();

    private static async ValueTask<bool> LookAsync(HttpResponseMessage response, GraphQlCodes codes, CancellationToken cancellationToken)
    {
        var content = response.Content;
        var encoding = Encoding(content);
        var stream = await content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[(int)Math.Min(Longest, (content.Headers.ContentLength ?? 4095) + 1)];
        var (length, judged, judgement) = (0, 0, GraphQlJudgement.Unclear);
        while (judgement == GraphQlJudgement.Unclear && length < Longest)
        {
            if (length == buffer.Length)
                Array.Resize(ref buffer, Math.Min(2 * length, Longest));
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            length += read;
            if (encoding.Length == 0 && (read == 0 || length >= 2 * judged)) // from the beginning each time: not at every drop
                (judged, judgement) = (length, GraphQlAnswer.Judge(buffer.AsSpan(0, length), isWhole: read == 0, codes));
            else if (encoding.Length > 0 && read == 0)
                judgement = Inflated(buffer.AsSpan(0, length).ToArray(), encoding) is { } inflated ? GraphQlAnswer.Judge(inflated, isWhole: true, codes) : GraphQlJudgement.Other;
            if (read == 0)
                break;
        }
        response.Content = new PrefixedContent(buffer.AsMemory(0, length), stream, content);
        return judgement == GraphQlJudgement.CredentialError;
    }

    // Bounded too: a small answer can be a large one.
    private static byte[]? Inflated(byte[] compressed, string encoding)
    {
        try
        {
            using var source = new MemoryStream(compressed);
            using Stream inflate = encoding == "gzip" ? new GZipStream(source, CompressionMode.Decompress) : new BrotliStream(source, CompressionMode.Decompress);
            var buffer = new byte[Longest];
            var length = inflate.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length < buffer.Length ? buffer[..length] : null;
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException or IOException)
        {
            return null; // not what it says it is: the caller's matter
        }
    }
}
