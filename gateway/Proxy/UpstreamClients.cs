using System.Text;
using Yarp.ReverseProxy.Forwarder;

namespace OrgGateway.Proxy;

/// <summary>YARP's clients, as the gateway wants them.</summary>
public sealed class UpstreamClients(ILogger<ForwarderHttpClientFactory> logger) : ForwarderHttpClientFactory(logger)
{
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        // As the server has read them, so what is beyond ASCII (a cookie that a page has set, a file's name) goes on byte for byte; else it is 502.
        handler.RequestHeaderEncodingSelector ??= static (_, _) => Encoding.UTF8;
        handler.ActivityHeadersPropagator = null; // the forwarded headers carry the trace on
    }
}
