using OrgGateway.Access;
using OrgGateway.Audit;
using OrgGateway.Sessions;
using Yarp.ReverseProxy.Transforms;

namespace OrgGateway.Proxy;

/// <summary>Drops an upstream's attempts to set the gateway's own cookies; every other line stays, in order (T16).</summary>
public sealed class OutboundCookies(SessionCookie cookie, AuditTrail audit, ILogger<OutboundCookies> logger) : ResponseTransform
{
    public override ValueTask ApplyAsync(ResponseTransformContext context)
    {
        var lines = context.HttpContext.Response.Headers.SetCookie;
        if (lines.Count == 0 || !lines.Any(line => line is not null && cookie.IsOurs(line)))
            return ValueTask.CompletedTask;
        context.HttpContext.Response.Headers.SetCookie = lines.Where(line => line is not null && !cookie.IsOurs(line)).ToArray();
        var route = context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<RoutePolicy>()?.RouteId ?? "";
        logger.UpstreamCookieDropped(route);
        audit.Record(new AuditEvent(AuditNames.UpstreamCookieDropped) { Route = route }.From(context.HttpContext));
        return ValueTask.CompletedTask;
    }
}
