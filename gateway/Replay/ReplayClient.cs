using System.Diagnostics;
using System.Net;
using OrgGateway.Access;

namespace OrgGateway.Replay;

/// <summary>
/// Sends a request whose token the upstream refused exactly once more, with another token and otherwise as it was. Only where the
/// body is known in full: a refusal with 401, or by a GraphQL answer without data, says that nothing was done.
/// </summary>
/// <param name="cluster">The cluster's client, which outlives this one.</param>
internal sealed class ReplayClient(HttpMessageInvoker cluster, Forwarding forwarding, ReplayBreaker breaker, ILogger logger) : HttpMessageInvoker(Unused, disposeHandler: false)
{
    private static readonly SocketsHttpHandler Unused = new();

    private GraphQlCodes? GraphQl => forwarding.Permit.Policy.GraphQl;

    private string RouteId => forwarding.Permit.Policy.RouteId;

    public override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await cluster.SendAsync(request, cancellationToken);
        return MayBeRefusal(request, response) ? await JudgeAsync(request, response, cancellationToken) : response;
    }

    private bool MayBeRefusal(HttpRequestMessage request, HttpResponseMessage response) =>
        (response.StatusCode == HttpStatusCode.Unauthorized || (response.StatusCode == HttpStatusCode.OK && GraphQl is not null))
        && request.Content is null or ByteArrayContent;

    private async Task<HttpResponseMessage> JudgeAsync(HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!await IsRefusalAsync(response, cancellationToken))
            return response;
        var (token, upstream) = (forwarding.Token!, request.RequestUri!.Authority);
        if (!breaker.Allows(upstream, token.Owner))
        {
            ReplayMetrics.Count("breaker_open");
            return response;
        }
        var started = Stopwatch.GetTimestamp();
        if (await RenewAsync(token, cancellationToken) is not { } renewed || renewed == token.Value)
        {
            ReplayMetrics.Count("no_token");
            return response;
        }

        // Nothing of the first answer goes anywhere.
        response.Dispose();
        request.Headers.Remove(token.Header);
        request.Headers.TryAddWithoutValidation(token.Header, renewed);
        token.Replace(renewed, Stopwatch.GetElapsedTime(started));
        var second = await cluster.SendAsync(request, cancellationToken);
        if (await IsRefusalAsync(second, cancellationToken))
        {
            ReplayMetrics.Count("refused");
            if (breaker.Refused(upstream, token.Owner))
                logger.ReplayCircuitOpened(RouteId);
        }
        else
        {
            ReplayMetrics.Count("replayed");
            breaker.Succeeded(upstream, token.Owner);
            logger.Replayed(RouteId);
        }
        return second;
    }

    private ValueTask<bool> IsRefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized => new(Challenge.AllowsAnother(response.Headers)),
        HttpStatusCode.OK when GraphQl is { } codes => GraphQlLook.IsRefusalAsync(response, codes, cancellationToken),
        _ => new(false),
    };

    // A failure on the way to another token is no failure of the request: the upstream's own answer stands.
    private async Task<string?> RenewAsync(InjectedToken token, CancellationToken cancellationToken)
    {
        try
        {
            return await token.RenewAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
        {
            logger.RenewalForReplayFailed(exception, RouteId);
            return null;
        }
    }
}
