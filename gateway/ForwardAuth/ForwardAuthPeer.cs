using System.Net;

namespace OrgGateway.ForwardAuth;

/// <summary>Who connected, before any header was believed: only a proxy of ours gets an answer that speaks for somebody.</summary>
public sealed record ForwardAuthPeer(IPAddress? Address);

/// <summary>Notes the peer of questions to the endpoint; every other request passes by.</summary>
public sealed class ForwardAuthPeerStage(RequestDelegate next, Configuration.Site site)
{
    private readonly PathString _endpoint = site.AuthPath + VerifyEndpoint.Path;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments(_endpoint, StringComparison.OrdinalIgnoreCase))
            context.Features.Set(new ForwardAuthPeer(context.Connection.RemoteIpAddress));
        return next(context);
    }
}
