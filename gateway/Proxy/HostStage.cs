using OrgGateway.Answers;

namespace OrgGateway.Proxy;

/// <summary>Answers 400 to a request whose host cannot be read, before anything asks for it, and gives every other host its one form.</summary>
/// <param name="behindProxies">X-Forwarded-Host will take the place of Host where a known proxy sends it.</param>
public sealed class HostStage(RequestDelegate next, ProblemAnswer answer, OwnAnswer own, bool behindProxies)
{
    public static readonly Problem Unreadable = new(400, "bad_request", "The request cannot be read", "Its host is no name.");

    public Task InvokeAsync(HttpContext context)
    {
        if (RequestHost.IsReadable(context.Request) && (!behindProxies || RequestHost.IsReadable(context.Request.Headers["X-Forwarded-Host"])))
        {
            RequestHost.Canonicalize(context.Request);
            return next(context);
        }
        own.Mark(context);
        return answer.WriteAsync(context, Unreadable);
    }
}
