using Yarp.ReverseProxy.Forwarder;

namespace OrgGateway.Proxy;

/// <summary>YARP's clients, as the gateway wants them.</summary>
public sealed class UpstreamClients(ILogger<ForwarderHttpClientFactory> logger) : ForwarderHttpClientFactory(logger)
{
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ActivityHeadersPropagator = null; // the forwarded headers carry the trace on
    }
}
