using OrgGateway.Access;
using OrgGateway.Answers;

namespace OrgGateway.Proxy;

/// <summary>The outermost stage: measures, and turns a bug below into an answer that says nothing and a log entry that says everything but secrets.</summary>
public sealed class FailureStage(RequestDelegate next, ProblemAnswer answer, OwnAnswer own, ILogger<FailureStage> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var started = RequestMeasurement.Begin();
        AnswerRequestId.Set(context);
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; nobody is left to answer.
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            await answer.WriteAsync(context, new Problem(exception.StatusCode, "bad_request", "The request cannot be read"));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            logger.RequestFailed(exception, context.TraceIdentifier);
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }
            context.Response.Clear();
            own.Mark(context);
            await answer.WriteAsync(context, Problem.Internal);
        }
        finally
        {
            await ExplainAsync(context);
            RequestMeasurement.End(context, started);
        }
    }

    // What answers with a bare status gets the same kind of answer as everything else: an upstream that cannot be reached, and a
    // path whose routes list other methods.
    private Task ExplainAsync(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted || response.ContentLength is not null || context.RequestAborted.IsCancellationRequested)
            return Task.CompletedTask;
        return response.StatusCode switch
        {
            502 or 503 or 504 when context.Features.Get<Yarp.ReverseProxy.Forwarder.IForwarderErrorFeature>() is not null =>
                UnavailableAsync(context),
            405 when response.ContentType is null && context.GetEndpoint()?.Metadata.GetMetadata<RoutePolicy>() is null =>
                answer.WriteAsync(context, Problem.WebSocketMethod with { Allow = response.Headers.Allow.ToString() }),
            _ => Task.CompletedTask,
        };
    }

    private Task UnavailableAsync(HttpContext context)
    {
        // The forwarder clears what it had of an answer whose body failed at once.
        own.Mark(context);
        return answer.WriteAsync(context, new Problem(context.Response.StatusCode, "upstream_unavailable", "The application does not answer"));
    }
}
