using Yarp.ReverseProxy.Forwarder;

namespace OrgGateway.Replay;

/// <summary>
/// YARP's forwarder, which is handed a client that knows this request's token. Nothing about it travels with the outgoing message, so
/// that no other part of the way can read or lose it.
/// </summary>
public sealed class ReplayForwarder(IHttpForwarder forwarder, ReplayBreaker breaker, ILogger<ReplayForwarder> logger) : IHttpForwarder
{
    public ValueTask<ForwarderError> SendAsync(HttpContext context, string destinationPrefix, HttpMessageInvoker httpClient, ForwarderRequestConfig requestConfig, HttpTransformer transformer) =>
        forwarder.SendAsync(context, destinationPrefix, With(context, httpClient), requestConfig, transformer);

    public ValueTask<ForwarderError> SendAsync(
        HttpContext context, string destinationPrefix, HttpMessageInvoker httpClient, ForwarderRequestConfig requestConfig, HttpTransformer transformer, CancellationToken cancellationToken) =>
        forwarder.SendAsync(context, destinationPrefix, With(context, httpClient), requestConfig, transformer, cancellationToken);

    private HttpMessageInvoker With(HttpContext context, HttpMessageInvoker client) =>
        context.Features.Get<Forwarding>() is { MayReplay: true } forwarding ? new ReplayClient(client, forwarding, breaker, logger) : client;
}
