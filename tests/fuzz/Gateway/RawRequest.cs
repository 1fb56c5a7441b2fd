using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace OrgGateway.Tests.Fuzz;

/// <summary>A request as it stands on the wire, and what the server makes of one that it lets through.</summary>
internal sealed record RawRequest(string Method, string Target, IReadOnlyList<(string Name, string Value)> Headers, string Body)
{
    private const string TokenMarks = "!#$%&'*+-.^_`|~";

    /// <returns>Null for what the server refuses before anything of the gateway sees it.</returns>
    public static RawRequest? Parse(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var lines = (end < 0 ? text : text[..end]).Split("\r\n");
        if (lines[0].Split(' ') is not [var method, ['/', ..] target, "HTTP/1.1"] || !IsToken(method) || target.Any(c => c is < '!' or > '~') || target.Contains("%00", StringComparison.Ordinal))
            return null;
        var headers = new List<(string, string)>();
        foreach (var line in lines[1..])
        {
            if (line.Split(':', 2) is not [var name, var value] || !IsToken(name) || value.Any(c => c is '\r' or '\n' or '\0' or > '\u007f'))
                return null;
            if (name.Equals("Host", StringComparison.OrdinalIgnoreCase) && !IsHost(value.Trim(' ', '\t')))
                return null;
            headers.Add((name, value.Trim(' ', '\t')));
        }
        return new(method, target, headers, end < 0 ? "" : text[(end + 4)..]);
    }

    public DefaultHttpContext ToContext(IServiceProvider services)
    {
        var context = new DefaultHttpContext { RequestServices = services };
        var request = context.Request;
        var question = Target.IndexOf('?', StringComparison.Ordinal);
        (request.Method, request.Scheme, request.Protocol) = (Method, "http", HttpProtocol.Http11);
        request.Path = PathString.FromUriComponent(question < 0 ? Target : Target[..question]);
        request.QueryString = new QueryString(question < 0 ? "" : Target[question..]);
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = Target;
        foreach (var (name, value) in Headers)
            request.Headers.Append(name, value);
        if (request.Headers.Host.Count != 1)
            request.Headers.Host = "localhost:8080";
        request.Body = new MemoryStream(System.Text.Encoding.Latin1.GetBytes(Body));
        request.ContentLength = Body.Length;
        context.Response.Body = new MemoryStream();
        return context;
    }

    // What the server's own check lets through; a port has up to five digits.
    private static bool IsHost(string host) => host.All(c => char.IsAsciiLetterOrDigit(c) || "!$&'()-._~:[]".Contains(c)) && (!host.Contains(':') || host.Split(':')[^1] is { Length: <= 5 } port && port.All(char.IsAsciiDigit));

    private static bool IsToken(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || TokenMarks.Contains(c));
}
