using System.Diagnostics;
using System.Net;

namespace OrgGateway.Replay;

/// <summary>
/// Sends a request whose token the upstream refused exactly once more, with another token and otherwise as it was. Only where the
/// body is known in full: a refusal with 401, or by a GraphQL answer without data, says that nothing was done.
/// </summary>
public sealed class ReplayHandler(HttpMessageHandler next, ReplayBreaker breaker, ILogger logger) : DelegatingHandler(next)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.Options.TryGetValue(ReplayPlan.OptionsKey, out var plan) ? SendAsync(request, plan, cancellationToken) : base.SendAsync(request, cancellationToken);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, ReplayPlan plan, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (request.Content is not (null or ByteArrayContent) || !await IsRefusalAsync(response, plan, cancellationToken))
            return response;
        var (token, upstream) = (plan.Token, request.RequestUri!.Authority);
        if (!breaker.Allows(upstream, token.Owner))
        {
            ReplayMetrics.Count("breaker_open");
            return response;
        }
        var started = Stopwatch.GetTimestamp();
        if (await RenewAsync(plan, cancellationToken) is not { } renewed || renewed == token.Value)
        {
            ReplayMetrics.Count("no_token");
            return response;
        }

        // Nothing of the first answer goes anywhere.
        response.Dispose();
        request.Headers.Remove(token.Header);
        request.Headers.TryAddWithoutValidation(token.Header, renewed);
        token.Replace(renewed, Stopwatch.GetElapsedTime(started));
        var second = await base.SendAsync(request, cancellationToken);
        if (await IsRefusalAsync(second, plan, cancellationToken))
        {
            ReplayMetrics.Count("refused");
            if (breaker.Refused(upstream, token.Owner))
                logger.ReplayCircuitOpened(plan.RouteId);
        }
        else
        {
            ReplayMetrics.Count("replayed");
            breaker.Succeeded(upstream, token.Owner);
            logger.Replayed(plan.RouteId);
        }
        return second;
    }

    private static ValueTask<bool> IsRefusalAsync(HttpResponseMessage response, ReplayPlan plan, CancellationToken cancellationToken) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized => new(Challenge.AllowsAnother(response.Headers)),
        HttpStatusCode.OK when plan.GraphQl is { } codes => GraphQlLook.IsRefusalAsync(response, codes, cancellationToken),
        _ => new(false),
    };

    // A failure on the way to another token is no failure of the request: the upstream's own answer stands.
    private async Task<string?> RenewAsync(ReplayPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            return await plan.Token.RenewAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
        {
            logger.RenewalForReplayFailed(exception, plan.RouteId);
            return null;
        }
    }
}
