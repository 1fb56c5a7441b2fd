using Yarp.ReverseProxy.Transforms;

namespace OrgGateway.Proxy;

/// <summary>The request id on every answer: the one of the log and the trace, not one that an app makes up.</summary>
public sealed class AnswerRequestId : ResponseTransform
{
    public const string Header = "X-Request-Id";

    public static void Set(HttpContext context) => context.Response.Headers[Header] = context.TraceIdentifier;

    public override ValueTask ApplyAsync(ResponseTransformContext context)
    {
        Set(context.HttpContext);
        return ValueTask.CompletedTask;
    }
}
