using Microsoft.AspNetCore.Http.Features;
using OrgGateway.Access;
using OrgGateway.Answers;

namespace OrgGateway.Sockets;

/// <summary>
/// A permitted WebSocket's way: counted against the limits, registered before it opens so that no revocation misses it, and
/// forwarded through a stream that the gateway can close. Other requests pass through; none of them can become an upgrade.
/// </summary>
public sealed class SocketStage(RequestDelegate next, LiveConnections connections, OpeningAccess access, UpstreamOfSockets upstream, ProblemAnswer answer, TimeProvider clock, ILogger<SocketStage> logger)
{
    private const int RetryAfter = 5;

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers.Upgrade.Count == 0 && !HttpMethods.IsConnect(context.Request.Method))
            return next(context);
        if (RequestKinds.IsWebSocket(context))
            return RunAsync(context);
        // h2c, SPDY, or a WebSocket by another method: nobody judged such a connection, so it stays a plain request (T19).
        headers.Remove("Upgrade");
        headers.Remove("HTTP2-Settings");
        return next(context);
    }

    private async Task RunAsync(HttpContext context)
    {
        var permit = context.Features.Get<Permit>() ?? throw new InvalidOperationException("no socket without a permit");
        var socket = new OpenSocket(permit, context, clock, logger);
        var refusal = connections.TryAdd(socket);
        if (refusal != SocketRefusal.None)
        {
            await socket.FinishAsync();
            logger.SocketRefused(permit.Policy.RouteId, refusal.ToString());
            SocketMetrics.RefusedFor(refusal);
            await answer.WriteAsync(context, Problem(refusal));
            return;
        }
        SocketMetrics.Opened();
        var aborted = context.RequestAborted;
        try
        {
            var (upgrade, connect) = (context.Features.Get<IHttpUpgradeFeature>(), context.Features.Get<IHttpExtendedConnectFeature>());
            var handshake = new SocketHandshake(upgrade, connect, socket, access);
            if (upgrade is not null)
                context.Features.Set<IHttpUpgradeFeature>(handshake);
            if (connect is not null)
                context.Features.Set<IHttpExtendedConnectFeature>(handshake);
            context.RequestAborted = socket.Stop;
            upstream.Choose(context);
            await next(context);
        }
        finally
        {
            SocketMetrics.Ended();
            connections.Remove(socket);
            await socket.FinishAsync();
            context.RequestAborted = aborted;
        }
    }

    private static Problem Problem(SocketRefusal refusal) => refusal == SocketRefusal.ShuttingDown
        ? new(503, "shutting_down", "This replica is shutting down", "Connect again; another one answers.") { RetryAfterSeconds = 1 }
        : new(429, "too_many_sockets", "Too many open WebSockets", refusal switch
        {
            SocketRefusal.SessionLimit => "This session has as many as are allowed.",
            SocketRefusal.OrganizationLimit => "This organization has as many as are allowed.",
            _ => null,
        })
        { RetryAfterSeconds = RetryAfter };
}
