using Microsoft.AspNetCore.Http.Features;
using OrgGateway.Replay;
using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.Proxy;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Transforms;

namespace OrgGateway.ForwardAuth;

/// <summary>
/// <c>/auth/verify</c>: another proxy asks whether a request may pass, and gets the answer the gateway would have acted on: the
/// same routes, the same stages, and the headers that would have been forwarded (nginx <c>auth_request</c>, Traefik
/// <c>forwardAuth</c>, Caddy <c>forward_auth</c>, Envoy <c>ext_authz</c>, HAProxy).
/// </summary>
public sealed class VerifyEndpoint(RouteMatch routes, IProxyStateLookup proxy, TrustedPeers peers, ForwardHeaders forward, ProblemAnswer answer, ILogger<VerifyEndpoint> logger)
{
    public const string Path = "/verify";

    private static readonly Problem Stranger = new(403, "forward_auth_refused", "Not a known proxy", "Only addresses of Gateway:TrustedProxies may ask.");
    private static readonly Problem Undescribed = new(400, "invalid_forward_auth", "The request to decide is not described",
        "Exactly one of X-Forwarded-Uri (with X-Forwarded-Method), X-Original-URI (with X-Original-Method), or a path behind this one is needed.");
    private static readonly Problem MethodUnsaid = Undescribed with { Detail = "Routes of this gateway tell methods apart: X-Forwarded-Method or X-Original-Method is needed." };

    /// <summary>The caller's headers that a decision can depend on. What is not here does not exist for the stages.</summary>
    public static IReadOnlyList<string> Relevant { get; } =
        ["Cookie", "Authorization", "X-Api-Key", "Accept", "Origin", "Upgrade", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-Dest", "Access-Control-Request-Method", "Access-Control-Request-Headers", "traceparent"];

    /// <summary>What a refusal tells the caller besides Location, Set-Cookie and its body.</summary>
    public static IReadOnlyList<string> RefusalHeaders { get; } = ["WWW-Authenticate", "Retry-After", "RateLimit", "RateLimit-Policy", "Referrer-Policy"];

    private RequestDelegate? _stages;

    /// <param name="stages">The stages of a proxied request up to the point where it would leave.</param>
    public void Use(IApplicationBuilder stages)
    {
        stages.Run(_ => Task.CompletedTask);
        _stages = stages.Build();
    }

    public async Task InvokeAsync(HttpContext context, string rest)
    {
        if (!peers.Contains(context.Features.Get<ForwardAuthPeer>()?.Address))
        {
            logger.StrangerAsked(context.TraceIdentifier);
            await answer.WriteAsync(context, Stranger);
            return;
        }
        if (OriginalRequest.Read(context.Request, rest) is not { } original)
        {
            await answer.WriteAsync(context, Undescribed);
            return;
        }
        // The method that the proxy asks with stands for the unsaid one only where no route makes a difference: a POST must not pass as a GET.
        if (original.Method is null && proxy.GetRoutes().Any(route => route.Config.Match.Methods is { Count: > 0 }))
        {
            await answer.WriteAsync(context, MethodUnsaid);
            return;
        }
        var asked = Asked(context, original);
        // A server has taken "." and ".." out of what it forwards itself. Here the other proxy forwards, and whether it does so with the
        // path as it came or as it reads it, nobody knows (T27, T28).
        if (RequestTarget.IsAmbiguous(asked) || RequestTarget.HasDotSegment(asked))
        {
            await answer.WriteAsync(asked, Problem.BadTarget);
            await ReplyAsync(context, asked, original);
            return;
        }
        await routes.InvokeAsync(asked);
        if (asked.GetEndpoint()?.Metadata.GetMetadata<RoutePolicy>() is null)
            await answer.WriteAsync(asked, Problem.NotFound);
        else
            await _stages!(asked);
        await ReplyAsync(context, asked, original);
    }

    private async Task ReplyAsync(HttpContext context, HttpContext asked, OriginalRequest original)
    {
        var reply = context.Response;
        reply.Headers.CacheControl = "no-store";
        foreach (var line in asked.Response.Headers.SetCookie)
            reply.Headers.Append("Set-Cookie", line);
        if (asked.Features.Get<Forwarding>() is { } forwarding)
        {
            await PermitAsync(reply, asked, forwarding);
            return;
        }
        var status = asked.Response.StatusCode;
        var location = asked.Response.Headers.Location;
        foreach (var name in RefusalHeaders)
            if (asked.Response.Headers[name] is { Count: > 0 } value)
                reply.Headers[name] = value;
        if (original.Redirects)
        {
            reply.StatusCode = status;
            if (location.Count > 0)
                reply.Headers.Location = location;
        }
        else
        {
            // Whoever knows only 401 and 403 learns where to send a browser, and why, from headers.
            reply.StatusCode = status is 301 or 302 or 303 or 401 ? StatusCodes.Status401Unauthorized : status >= 500 ? status : StatusCodes.Status403Forbidden;
            reply.Headers["X-Auth-Status"] = status.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (location.Count > 0)
                reply.Headers["X-Auth-Redirect"] = location;
        }
        reply.ContentType = asked.Response.ContentType;
        if (asked.Response.Body is MemoryStream { Length: > 0 } body && !HttpMethods.IsHead(context.Request.Method))
        {
            body.Position = 0;
            await body.CopyToAsync(reply.Body, context.RequestAborted);
        }
    }

    // Every name is in every answer, empty where there is nothing to say: a proxy that copies them overwrites what its client sent.
    private async Task PermitAsync(HttpResponse reply, HttpContext asked, Forwarding forwarding)
    {
        using var message = new HttpRequestMessage();
        await forward.ApplyAsync(new RequestTransformContext { HttpContext = asked, ProxyRequest = message });
        reply.StatusCode = StatusCodes.Status200OK;
        foreach (var name in IdentityHeaders.Names)
            reply.Headers[name] = message.Headers.TryGetValues(name, out var values) ? values.ToArray() : "";
        var tokenHeader = forwarding.Permit.Policy.TokenHeader;
        reply.Headers.Authorization = "";
        reply.Headers[tokenHeader] = message.Headers.TryGetValues(tokenHeader, out var token) ? token.ToArray() : "";
    }

    private static DefaultHttpContext Asked(HttpContext context, OriginalRequest original)
    {
        var asked = new DefaultHttpContext { TraceIdentifier = context.TraceIdentifier, RequestAborted = context.RequestAborted };
        asked.Connection.RemoteIpAddress = context.Connection.RemoteIpAddress;
        asked.Response.Body = new MemoryStream();
        var (request, from) = (asked.Request, context.Request);
        (request.Method, request.Scheme, request.Headers.Host, request.Protocol) = (original.Method ?? from.Method, from.Scheme, from.Headers.Host, HttpProtocol.Http11);
        var question = original.Target.IndexOf('?', StringComparison.Ordinal);
        request.Path = PathString.FromUriComponent(question < 0 ? original.Target : original.Target[..question]);
        request.QueryString = question < 0 ? QueryString.Empty : new QueryString(original.Target[question..]);
        asked.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = original.Target;
        foreach (var name in Relevant)
            if (from.Headers[name] is { Count: > 0 } value)
                request.Headers[name] = value;
        // The hop that asks is no upgrade; the request it asks about is.
        if (RequestKinds.HasToken(from.Headers.Upgrade, "websocket"))
            request.Headers.Connection = "Upgrade";
        return asked;
    }
}
