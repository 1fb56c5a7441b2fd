using Microsoft.Extensions.Primitives;
using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.Configuration;
using OrgGateway.Orgs;
using OrgGateway.Sessions;
using OrgGateway.Tokens;

namespace OrgGateway.Proxy;

/// <summary>
/// Cookie to session, URL to organization, policy to permit: 401, 403 or 404 before a byte reaches an upstream. Warm, nothing in
/// here waits.
/// </summary>
public sealed class AccessStage(
    RequestDelegate next, SessionCookie cookie, SessionStore sessions, UserTokens tokens, CurrentCatalog catalog, AccessDecision decision,
    ProblemAnswer answer, Site site, ILogger<AccessStage> logger)
{
    private const int RetryAfter = 5;

    public Task InvokeAsync(HttpContext context)
    {
        // A route that was loaded without a policy is a bug, and a bug forwards nothing.
        var policy = context.GetEndpoint()?.Metadata.GetMetadata<RoutePolicy>() ?? throw new InvalidOperationException("a route without a policy");
        if (RequestTarget.IsAmbiguous(context))
            return RefuseAsync(context, policy, Problem.BadTarget);
        if (HttpMethods.IsTrace(context.Request.Method))
            return RefuseAsync(context, policy, Problem.MethodRefused);
        if (policy.Static || !cookie.TryRead(context.Request, out var id))
            return ContinueAsync(context, policy, new Found(null, Freshness.Ended));
        var caller = FindAsync(id, context.RequestAborted);
        return caller.IsCompletedSuccessfully ? ContinueAsync(context, policy, caller.Result) : AwaitAsync(context, policy, caller);
    }

    private async Task AwaitAsync(HttpContext context, RoutePolicy policy, ValueTask<Found> caller) => await ContinueAsync(context, policy, await caller);

    private ValueTask<Found> FindAsync(SessionId id, CancellationToken cancellationToken)
    {
        var read = sessions.FindAsync(id, cancellationToken);
        if (!read.IsCompletedSuccessfully)
            return FindSlowlyAsync(read, cancellationToken);
        var found = read.Result;
        if (found.Session is null)
            return new(new Found(null, found.Status == SessionStatus.Unavailable ? Freshness.StoreUnavailable : Freshness.Ended));
        var fresh = tokens.EnsureAsync(found.Session, cancellationToken);
        return fresh.IsCompletedSuccessfully ? new(new Found(fresh.Result)) : FreshenAsync(fresh);
    }

    private async ValueTask<Found> FindSlowlyAsync(ValueTask<SessionRead> read, CancellationToken cancellationToken)
    {
        var found = await read;
        return found.Session is null
            ? new Found(null, found.Status == SessionStatus.Unavailable ? Freshness.StoreUnavailable : Freshness.Ended)
            : new Found(await tokens.EnsureAsync(found.Session, cancellationToken));
    }

    private static async ValueTask<Found> FreshenAsync(ValueTask<FreshSession> fresh) => new(await fresh);

    private Task ContinueAsync(HttpContext context, RoutePolicy policy, Found caller)
    {
        // What cannot be read or refreshed right now is not "signed out": a protected route answers 503 and the cookie stays.
        if (policy.Access != AccessLevel.Public && caller.Trouble is { } trouble)
            return RefuseAsync(context, policy, trouble);
        var isWebSocket = RequestKinds.IsWebSocket(context);
        var request = new AccessRequest(
            isWebSocket,
            HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsConnect(context.Request.Method),
            policy.NeedsOrg ? context.Request.RouteValues["org"] as string : null,
            isWebSocket && context.Request.Headers.Origin is { Count: > 0 } origin ? origin.ToString() : null,
            isWebSocket && cookie.IsPresent(context.Request));
        var decided = decision.Decide(policy, caller.Session is { } session ? Caller.Of(session) : Caller.Nobody, catalog.Value, request);
        if (decided.Permit is null)
            return RefuseAsync(context, policy, decided.Problem!);
        if (decided.Problem is not null)
            logger.ReportOnlyRefusal(decided.Problem.Code, policy.RouteId, context.TraceIdentifier);
        context.Features.Set(decided.Permit);
        return next(context);
    }

    private Task RefuseAsync(HttpContext context, RoutePolicy policy, Problem problem)
    {
        logger.Refused(problem.Status, problem.Code, policy.RouteId, context.TraceIdentifier);
        if (problem != Problem.Unauthenticated)
            return answer.WriteAsync(context, problem);
        if (cookie.IsPresent(context.Request))
            cookie.Delete(context.Response); // it names nothing any more
        if (RequestKinds.Of(context) != RequestKind.Page)
            return answer.WriteAsync(context, problem);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.StatusCode = StatusCodes.Status302Found;
        var here = context.Request.PathBase.Add(context.Request.Path).ToUriComponent() + context.Request.QueryString.ToUriComponent();
        context.Response.Headers.Location = new StringValues(site.AuthPath + "/login?next=" + Uri.EscapeDataString(here));
        return Task.CompletedTask;
    }

    private readonly record struct Found(Session? Session, Freshness Freshness, int RetryAfter = AccessStage.RetryAfter)
    {
        public Found(FreshSession fresh)
            : this(fresh.Freshness == Freshness.Fresh ? fresh.Session : null, fresh.Freshness, fresh.RetryAfter is { } wait ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : AccessStage.RetryAfter)
        {
        }

        public Problem? Trouble => Freshness switch
        {
            Freshness.StoreUnavailable => Problem.StoreUnavailable(RetryAfter),
            Freshness.ProviderUnavailable => Problem.ProviderUnavailable(RetryAfter),
            _ => null,
        };
    }
}
