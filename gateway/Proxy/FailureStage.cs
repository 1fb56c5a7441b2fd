using OrgGateway.Answers;

namespace OrgGateway.Proxy;

/// <summary>The outermost stage: measures, and turns a bug below into an answer that says nothing and a log entry that says everything but secrets.</summary>
public sealed class FailureStage(RequestDelegate next, ProblemAnswer answer, ILogger<FailureStage> logger)
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
            AnswerRequestId.Set(context);
            await answer.WriteAsync(context, Problem.Internal);
        }
        finally
        {
            await ExplainAsync(context);
            RequestMeasurement.End(context, started);
        }
    }

    // An upstream that cannot be reached leaves a bare status; the caller gets the same kind of answer as for everything else.
    private Task ExplainAsync(HttpContext context) => context.Response is { HasStarted: false, ContentLength: null, StatusCode: 502 or 503 or 504 } && !context.RequestAborted.IsCancellationRequested
        && context.Features.Get<Yarp.ReverseProxy.Forwarder.IForwarderErrorFeature>() is not null
        ? answer.WriteAsync(context, new Problem(context.Response.StatusCode, "upstream_unavailable", "The application does not answer"))
        : Task.CompletedTask;
}
