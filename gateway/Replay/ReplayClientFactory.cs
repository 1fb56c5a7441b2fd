using Yarp.ReverseProxy.Forwarder;

namespace OrgGateway.Replay;

/// <summary>YARP's clients with the replay in front of their connections.</summary>
public sealed class ReplayClientFactory(ReplayBreaker breaker, ILogger<ForwarderHttpClientFactory> factoryLogger, ILogger<ReplayHandler> logger) : ForwarderHttpClientFactory(factoryLogger)
{
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ActivityHeadersPropagator = null; // the forwarded headers carry the trace on
    }

    protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler) =>
        new ReplayHandler(base.WrapHandler(context, handler), breaker, logger);
}
