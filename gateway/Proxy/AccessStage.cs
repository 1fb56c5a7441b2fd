using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.Audit;
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
    PermittedRequest next, SessionCookie cookie, SessionStore sessions, UserTokens tokens, MachineCallers machines, RouteLimits limits, Cors cors, Refusals refusals, CurrentCatalog catalog, OrgResolver orgs, AccessDecision decision, FurtherSignIns further, PathReadings readings,
    ProblemAnswer answer, Redirection redirection, Site site, TimeProvider clock, ILogger<AccessStage> logger)
{
    private const int RetryAfter = 5;

    public Task InvokeAsync(HttpContext context)
    {
        // A route that was loaded without a policy is a bug, and a bug forwards nothing.
        var policy = context.GetEndpoint()?.Metadata.GetMetadata<RoutePolicy>() ?? throw new InvalidOperationException("a route without a policy");
        if (RequestTarget.IsAmbiguous(context))
            return RefuseAsync(context, policy, Problem.BadTarget);
        return PathReadings.AreSeveral(context.Request.Path.Value) ? EnterReadAsync(context, policy) : EnterAsync(context, policy);
    }

    private async Task EnterReadAsync(HttpContext context, RoutePolicy policy) =>
        await (await readings.MeetAnotherRuleAsync(context, policy) ? RefuseAsync(context, policy, Problem.BadTarget) : EnterAsync(context, policy));

    private Task EnterAsync(HttpContext context, RoutePolicy policy)
    {
        if (HttpMethods.IsTrace(context.Request.Method))
            return RefuseAsync(context, policy, Problem.MethodRefused);
        if (HttpMethods.IsConnect(context.Request.Method) && !RequestKinds.IsWebSocket(context))
        {
            // Nobody's tunnel. What comes behind it on the connection may be meant as the tunnel's bytes or as a request (T33).
            context.Response.Headers.Connection = "close";
            return RefuseAsync(context, policy, Problem.MethodRefused);
        }
        if (context.Request.Headers.Origin.Count > 0 && cors.Answers(context, policy))
            return Task.CompletedTask;
        // Two of them are read as one or the other by whoever comes next (A20).
        if (context.Request.Headers.Authorization.Count > 1)
            return RefuseAsync(context, policy, Problem.RepeatedAuthorization);
        return policy.HasEarlyLimits && context.Features.Get<DecisionNote>() is null ? LimitedAsync(context, policy) : FindCallerAsync(context, policy);
    }

    // Before anybody is looked up: bounds what an anonymous caller can cost.
    private async Task LimitedAsync(HttpContext context, RoutePolicy policy) =>
        await (await limits.EnterAsync(context, policy) is { } refusal ? RefuseAsync(context, policy, refusal) : FindCallerAsync(context, policy));

    private Task FindCallerAsync(HttpContext context, RoutePolicy policy)
    {
        return policy.Credentials == CredentialKinds.Session ? WithSessionAsync(context, policy) : WithPresentedAsync(context, policy);
    }

    private Task WithSessionAsync(HttpContext context, RoutePolicy policy)
    {
        if (policy.Static || !cookie.TryRead(context.Request, out var id))
            return ContinueAsync(context, policy, new Found(Caller.Nobody, Freshness.Ended));
        var caller = FindAsync(id, policy, context.RequestAborted);
        return caller.IsCompletedSuccessfully ? ContinueAsync(context, policy, caller.Result) : AwaitAsync(context, policy, caller);
    }

    private Task WithPresentedAsync(HttpContext context, RoutePolicy policy)
    {
        var presented = PresentedCredential.Of(context.Request, policy, cookie, machines.KeyFormat);
        if (presented.Problem is { } ambiguous)
            return RefuseAsync(context, policy, ambiguous);
        if (presented.Kind == CredentialKinds.Session)
            return WithSessionAsync(context, policy);
        if (presented.Kind == CredentialKinds.None)
            return ContinueAsync(context, policy, new Found(Caller.Nobody, Freshness.Ended));
        var machine = machines.FindAsync(presented, context);
        return machine.IsCompletedSuccessfully ? ContinueAsync(context, policy, machine.Result) : AwaitAsync(context, policy, machine);
    }

    private async Task AwaitAsync(HttpContext context, RoutePolicy policy, ValueTask<MachineCaller> machine) => await ContinueAsync(context, policy, await machine);

    // Also on a public route: a program that shows a credential means to be somebody, and must learn that it is not.
    private Task ContinueAsync(HttpContext context, RoutePolicy policy, in MachineCaller machine) => machine.Problem is { } problem
        ? RefuseAsync(context, policy, problem, machine.Refused)
        : ContinueAsync(context, policy, new Found(machine.Caller, Freshness.Fresh));

    private async Task AwaitAsync(HttpContext context, RoutePolicy policy, ValueTask<Found> caller) => await ContinueAsync(context, policy, await caller);

    private ValueTask<Found> FindAsync(SessionId id, RoutePolicy policy, CancellationToken cancellationToken)
    {
        var read = sessions.FindAsync(id, cancellationToken);
        if (!read.IsCompletedSuccessfully)
            return FindSlowlyAsync(read, policy, cancellationToken);
        var found = read.Result;
        if (found.Session is null)
            return new(new Found(Caller.Nobody, found.Status == SessionStatus.Unavailable ? Freshness.StoreUnavailable : Freshness.Ended));
        var fresh = tokens.EnsureAsync(found.Session, policy.MaxClaimAge, cancellationToken);
        return fresh.IsCompletedSuccessfully ? new(new Found(fresh.Result, policy)) : FreshenAsync(fresh, policy);
    }

    private async ValueTask<Found> FindSlowlyAsync(ValueTask<SessionRead> read, RoutePolicy policy, CancellationToken cancellationToken)
    {
        var found = await read;
        return found.Session is null
            ? new Found(Caller.Nobody, found.Status == SessionStatus.Unavailable ? Freshness.StoreUnavailable : Freshness.Ended)
            : new Found(await tokens.EnsureAsync(found.Session, policy.MaxClaimAge, cancellationToken), policy);
    }

    private static async ValueTask<Found> FreshenAsync(ValueTask<FreshSession> fresh, RoutePolicy policy) => new(await fresh, policy);

    private Task ContinueAsync(HttpContext context, RoutePolicy policy, in Found caller)
    {
        // What cannot be read or refreshed right now is not "signed out": a protected route answers 503 and the cookie stays.
        if (policy.Access != AccessLevel.Public && caller.Trouble is { } trouble)
            return RefuseAsync(context, policy, trouble);
        // A sign-in at a further provider is no session by itself, whatever cookie it comes in.
        return DecideAsync(context, policy, caller.Caller.Session is { Record.Under: not null } ? Caller.Nobody : caller.Caller);
    }

    /// <summary>Decides for a caller who is known already: the rest of the way of a request, and all of an explanation's.</summary>
    public Task DecideAsync(HttpContext context, RoutePolicy policy, in Caller caller)
    {
        if (!policy.NeedsOrg)
            return DecideAsync(context, policy, caller, OrgResolution.NotAsked);
        var name = OrgName.Of(policy, context.Request, catalog.Value);
        if (caller.Identity is null && policy.Access != AccessLevel.Public)
            return DecideAsync(context, policy, caller, OrgResolver.ByGrammar(name));
        if (catalog.Value.HasSeveralProviders && policy.Access == AccessLevel.Member && caller.Session is { } main
            && catalog.Value.ProviderOf(name) is { } provider && provider != main.Record.Provider)
            return AtFurtherProviderAsync(context, policy, main, provider, name!);
        return DecideAsync(context, policy, caller, name);
    }

    // The organization is another provider's: the sign-in there says who asks, and the session nothing.
    private async Task AtFurtherProviderAsync(HttpContext context, RoutePolicy policy, Session main, string provider, string name)
    {
        var found = new Found(await further.FindAsync(context.Request, main, provider, policy.MaxClaimAge, context.RequestAborted), policy);
        if (found.Caller.Session is null && !policy.ReportOnly)
        {
            var problem = found.Trouble ?? Problem.OtherProvider(name);
            if (context.Features.Get<DecisionNote>() is { } note)
                (note.Rule, note.Code) = ("IdentityProvider: " + provider, problem.Code);
            await RefuseAsync(context, policy, problem);
            return;
        }
        await DecideAsync(context, policy, Caller.Of(found.Caller.Session ?? main), name);
    }

    private Task DecideAsync(HttpContext context, RoutePolicy policy, in Caller caller, string? name)
    {
        var organizations = caller.Identity?.Organizations;
        var org = policy.Access == AccessLevel.Member ? orgs.ResolveEvenlyAsync(organizations, name, context.RequestAborted) : orgs.ResolveAsync(organizations, name, context.RequestAborted);
        return org.IsCompletedSuccessfully ? DecideAsync(context, policy, caller, org.Result) : AwaitAsync(context, policy, caller, org);
    }

    private async Task AwaitAsync(HttpContext context, RoutePolicy policy, Caller caller, ValueTask<OrgResolution> org) =>
        await DecideAsync(context, policy, caller, await org);

    private Task DecideAsync(HttpContext context, RoutePolicy policy, in Caller caller, in OrgResolution org)
    {
        var isWebSocket = RequestKinds.IsWebSocket(context);
        var request = new AccessRequest(
            isWebSocket,
            HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsConnect(context.Request.Method),
            org,
            isWebSocket && context.Request.Headers.Origin is { Count: > 0 } origin ? origin.ToString() : null,
            isWebSocket && policy.Credentials.HasFlag(CredentialKinds.Session) && cookie.IsPresent(context.Request),
            isWebSocket && policy.Org == OrgSource.Host ? context.Request.Scheme + "://" + context.Request.Host.Value : null,
            policy.StepUp is null ? default : clock.GetUtcNow());
        var decided = decision.Decide(policy, caller, request);
        if (decided.Problem is not null && context.Features.Get<DecisionNote>() is { } note)
            (note.Rule, note.Code) = (decided.Rule, decided.Problem.Code);
        if (decided.Problem == Problem.OrgMoved && org.Organization is { } moved && RequestKinds.Of(context) == RequestKind.Page && policy.OrgSegment is { } segment)
            return MovedAsync(context, segment, moved.Slug);
        if (decided.Permit is null)
            return RefuseAsync(context, policy, decided.Problem!, new(caller.Identity, org.OrgId));
        if (decided.Problem is not null)
        {
            logger.ReportOnlyRefusal(decided.Problem.Code, policy.RouteId, context.TraceIdentifier);
            if (context.Features.Get<DecisionNote>() is null)
                refusals.WouldHave(context, policy, decided.Problem, new(caller.Identity, org.OrgId));
        }
        context.Features.Set(decided.Permit);
        return policy.HasLateLimits || decided.Permit.Identity is { Allowances.Count: > 0 } ? AdmitAsync(context, decided.Permit) : next(context, decided.Permit);
    }

    private async Task AdmitAsync(HttpContext context, Permit permit)
    {
        if (context.Features.Get<DecisionNote>() is not null)
        {
            await next(context, permit); // an explanation uses nothing up
            return;
        }
        if (await limits.AdmitAsync(context, permit) is { } refusal)
        {
            await RefuseAsync(context, permit.Policy, refusal, new(permit.Identity, permit.Organization?.Id));
            return;
        }
        limits.ChargeWithAnswer(context, permit);
        await next(context, permit);
    }

    private Task RefuseAsync(HttpContext context, RoutePolicy policy, Problem problem, in RefusedCaller refused = default)
    {
        if (context.Features.Get<DecisionNote>() is null) // of nobody's request there is nothing to tell
            refusals.Record(context, policy, problem, refused, policy.Credentials.HasFlag(CredentialKinds.Session) && cookie.IsPresent(context.Request));
        var isPage = RequestKinds.Of(context) == RequestKind.Page;
        // Where no session is accepted, a cookie is nobody's business and neither sign-in nor choice would help.
        if (!policy.Credentials.HasFlag(CredentialKinds.Session))
            return answer.WriteAsync(context, problem);
        if (problem == Problem.OrgRequired && isPage)
            return redirection.ToAsync(context, StatusCodes.Status302Found, site.AuthPath + "/select-org?next=" + Uri.EscapeDataString(ToChoose(context, policy)));
        problem = Steered(context, policy, problem);
        if (problem.Login is { } login && isPage)
            return redirection.ToAsync(context, StatusCodes.Status302Found, site.AuthPath + "/login?" + login + "&next=" + Uri.EscapeDataString(Here(context)));
        if (problem != Problem.Unauthenticated)
            return answer.WriteAsync(context, problem);
        if (cookie.IsPresent(context.Request))
            cookie.Delete(context.Response); // it names nothing any more
        if (!isPage)
            return answer.WriteAsync(context, problem);
        return redirection.ToAsync(context, StatusCodes.Status302Found, site.AuthPath + "/login?next=" + Uri.EscapeDataString(Here(context)));
    }

    // A login that mends something has to be at the provider whose sign-in lacks it.
    private Problem Steered(HttpContext context, RoutePolicy policy, Problem problem) =>
        problem.Login is { } login && !login.StartsWith("org=", StringComparison.Ordinal) && catalog.Value.HasSeveralProviders && policy.NeedsOrg
        && OrgName.Of(policy, context.Request, catalog.Value) is { } name && catalog.Value.ProviderOf(name) is not null
            ? problem with { Login = login + "&org=" + Uri.EscapeDataString(name) }
            : problem;

    // Where the path may hold an organization, the choice puts it there.
    private static string ToChoose(HttpContext context, RoutePolicy policy) => policy.OrgSegment is null
        ? Here(context)
        : context.Request.PathBase.Add(context.Request.Path).ToUriComponent().TrimEnd('/') + "/{org}" + context.Request.QueryString.ToUriComponent();

    // An old link leads to its organization's new name; never kept by browsers, since it holds for members only.
    private Task MovedAsync(HttpContext context, int segment, string slug)
    {
        var parts = context.Request.Path.ToUriComponent().Split('/');
        parts[segment + 1] = slug;
        return redirection.ToAsync(context, StatusCodes.Status301MovedPermanently, context.Request.PathBase.ToUriComponent() + string.Join('/', parts) + context.Request.QueryString.ToUriComponent());
    }

    private static string Here(HttpContext context) => context.Request.PathBase.Add(context.Request.Path).ToUriComponent() + context.Request.QueryString.ToUriComponent();

    private readonly record struct Found(Caller Caller, Freshness Freshness, int RetryAfter = AccessStage.RetryAfter)
    {
        public Found(FreshSession fresh, RoutePolicy policy)
            : this(
                fresh.Session is { } session && (fresh.Freshness == Freshness.Fresh || GoesOn(fresh, policy)) ? Caller.Of(session) : Caller.Nobody,
                GoesOn(fresh, policy) ? Freshness.Fresh : fresh.Freshness,
                fresh.RetryAfter is { } wait ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : AccessStage.RetryAfter)
        {
        }

        // An operator may let people go on while their provider is away; a token of theirs is forwarded only while it is valid.
        private static bool GoesOn(FreshSession fresh, RoutePolicy policy) =>
            fresh is { Freshness: Freshness.ProviderUnavailable, Session: not null } && policy.ServesWithoutProvider && (fresh.TokenIsValid || !policy.ForwardsUserToken);

        public Problem? Trouble => Freshness switch
        {
            Freshness.StoreUnavailable => Problem.StoreUnavailable(RetryAfter),
            Freshness.ProviderUnavailable => Problem.ProviderUnavailable(RetryAfter),
            _ => null,
        };
    }
}
