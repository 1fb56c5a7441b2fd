using Microsoft.AspNetCore.Http.Features;

namespace OrgGateway.Answers;

/// <summary>What kind of client waits for the answer: a person's navigation, a program, or a WebSocket upgrade.</summary>
public enum RequestKind
{
    /// <summary>Any request that is neither of the others; answered with problem+json, never with a redirect.</summary>
    Api,

    /// <summary>A navigation: GET or HEAD that accepts HTML and is not marked as a script's fetch.</summary>
    Page,

    /// <summary>A WebSocket handshake: HTTP/1.1 Upgrade, or HTTP/2 extended CONNECT (RFC 8441).</summary>
    WebSocket,
}

public static class RequestKinds
{
    public static RequestKind Of(HttpContext context) =>
        IsWebSocket(context) ? RequestKind.WebSocket
        : IsNavigation(context.Request) ? RequestKind.Page
        : RequestKind.Api;

    public static bool IsWebSocket(HttpContext context)
    {
        // Not HttpContext.WebSockets: that answers false unless the WebSockets middleware ran, and then a handshake would
        // be judged as an ordinary GET.
        if (HttpMethods.IsConnect(context.Request.Method))
            return context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" };
        return context.Request.Headers.Upgrade is { Count: > 0 } upgrade && HttpMethods.IsGet(context.Request.Method)
            && HasToken(upgrade, "websocket") && HasToken(context.Request.Headers.Connection, "upgrade");
    }

    private static bool IsNavigation(HttpRequest request)
    {
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
            return false;
        // A script may ask for HTML too; a redirect would send its fetch into a foreign origin (O18).
        return AcceptsHtml(request) && !IsScript(request);
    }

    private static bool AcceptsHtml(HttpRequest request)
    {
        foreach (var accept in request.Headers.Accept)
            if (accept is not null && accept.Contains("text/html", StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    /// <summary>A script's fetch or XMLHttpRequest, as far as browsers (Fetch Metadata) or the libraries of pages say so.</summary>
    public static bool IsScript(HttpRequest request)
    {
        var mode = request.Headers["Sec-Fetch-Mode"];
        return (mode.Count > 0 && !string.Equals(mode, "navigate", StringComparison.OrdinalIgnoreCase) && !IsProgram(request))
            || string.Equals(request.Headers.XRequestedWith, "XMLHttpRequest", StringComparison.OrdinalIgnoreCase);
    }

    // Node's fetch says "cors" of every request, and cannot be told otherwise; no page is behind it. Browsers say where from and what for as well.
    private static bool IsProgram(HttpRequest request) =>
        request.Headers.UserAgent is [("node" or "undici")] && request.Headers["Sec-Fetch-Site"].Count == 0 && request.Headers["Sec-Fetch-Dest"].Count == 0;

    /// <summary>Whether a comma list holds a token (RFC 9110 §5.6.1), on any of its lines and in any case.</summary>
    public static bool HasToken(Microsoft.Extensions.Primitives.StringValues values, string token)
    {
        foreach (var value in values)
        {
            var rest = value.AsSpan();
            while (!rest.IsEmpty)
            {
                var comma = rest.IndexOf(',');
                if ((comma < 0 ? rest : rest[..comma]).Trim().Equals(token, StringComparison.OrdinalIgnoreCase))
                    return true;
                rest = comma < 0 ? default : rest[(comma + 1)..];
            }
        }
        return false;
    }
}
