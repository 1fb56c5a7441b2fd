using System.Text;

namespace OrgGateway.Proxy;

/// <summary>
/// How header values of answers are written: as the client has read an app's, byte for byte, or else what is beyond ASCII (a file's name, a
/// cookie) would be 502. What never says anything in words keeps the server's own way, which is quicker: a request pays for each header.
/// </summary>
public static class ResponseText
{
    public static Encoding? EncodingOf(string name) => name switch
    {
        "Content-Type" or "Content-Length" or "Content-Encoding" or "Transfer-Encoding" or "Connection" or "Date" or "Server" or "Age" or "ETag" or "Expires" or "Vary" => null,
        "Last-Modified" or "Cache-Control" or "Accept-Ranges" or "Strict-Transport-Security" or "X-Request-Id" or "X-Frame-Options" or "X-Content-Type-Options" => null,
        "Referrer-Policy" or "Content-Security-Policy" or "Permissions-Policy" or "Server-Timing" => null,
        _ => Encoding.Latin1,
    };
}
