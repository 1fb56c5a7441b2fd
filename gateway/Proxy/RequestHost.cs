using System.Buffers;
using Microsoft.Extensions.Primitives;

namespace OrgGateway.Proxy;

/// <summary>
/// Whether a host can be read at all. The server lets every character of RFC 3986 through, and the framework decodes internationalized
/// names when somebody asks for the host: of <c>xn--</c> or <c>_..</c> it throws there, whoever asks (T29, T30).
/// </summary>
public static class RequestHost
{
    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.:[]");

    public static bool IsReadable(HttpRequest request) => IsReadable(request.Headers.Host);

    /// <summary>Also of what a proxy in front says, a list where there are several.</summary>
    public static bool IsReadable(StringValues hosts)
    {
        foreach (var value in hosts)
            if (value is not null && (value.Contains("..", StringComparison.Ordinal)
                || ((value.AsSpan().ContainsAnyExcept(Plain) || value.Contains("xn--", StringComparison.OrdinalIgnoreCase)) && !Array.TrueForAll(value.Split(','), Decodes))))
                return false;
        return true;
    }

    /// <summary>
    /// Gives a host its one form: without the dot at the end that makes a name absolute, and an encoded name in small letters. Routing compares
    /// as it is written, and would pass a route of this host by, to one of any host (T30).
    /// </summary>
    public static void Canonicalize(HttpRequest request)
    {
        if (request.Headers.Host is not [{ Length: > 0 } host])
            return;
        if (host[^1] == '.' || host.Contains(".:", StringComparison.Ordinal) || host.Contains("xn--", StringComparison.OrdinalIgnoreCase))
            request.Headers.Host = (host[^1] == '.' ? host[..^1] : host.Replace(".:", ":", StringComparison.Ordinal)).ToLowerInvariant();
    }

    private static bool Decodes(string host)
    {
        try
        {
            _ = HostString.FromUriComponent(host.Trim().ToLowerInvariant()).ToUriComponent(); // as it will stand there: the framework knows "xn--" in small letters only
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
