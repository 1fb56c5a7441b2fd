using System.Text;

namespace OrgGateway.Inlets;

/// <summary>The body of a message that nobody vouches for yet, up to a bound.</summary>
internal static class BoundedBody
{
    /// <summary>A token of the longest that is verified at all, and its form.</summary>
    public const int Largest = 16 * 1024;

    /// <returns>Null when it is larger; where the length is announced, nothing is read.</returns>
    public static async Task<string?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > Largest)
            return null;
        var buffer = new byte[Largest + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length > Largest ? null : Encoding.UTF8.GetString(buffer, 0, length);
    }
}
