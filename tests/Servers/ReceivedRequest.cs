using System.Text;

namespace OrgGateway.Tests.Servers;

/// <summary>A request as an upstream got it.</summary>
/// <param name="Method">GET, POST ...</param>
/// <param name="RawTarget">The request target as it stood in the request line: nothing decoded, nothing resolved.</param>
/// <param name="Headers">Over HTTP/1.1 in the order, case and repetition of the wire.</param>
/// <param name="Body">The body, or nothing where bodies are not recorded.</param>
public sealed record ReceivedRequest(string Method, string RawTarget, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The values of a header, one for each time that it was sent.</summary>
    public IReadOnlyList<string> Values(string name) =>
        [.. Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];

    /// <summary>The value of a header that was sent once at most; null when it was not sent.</summary>
    public string? Header(string name) => Values(name).SingleOrDefault();
}
