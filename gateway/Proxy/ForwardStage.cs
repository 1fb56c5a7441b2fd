using System.Diagnostics;
using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.Orgs;
using OrgGateway.OrgTokens;
using OrgGateway.Replay;
using OrgGateway.Tokens;

namespace OrgGateway.Proxy;

/// <summary>
/// Turns a permitted request into the one the upstream gets: the caller's own claims to identity go, the verified identity, the
/// assertion and the route's token come. A token that there is and that cannot be had is an answer of ours, never a request without it (T14).
/// </summary>
public sealed class ForwardStage(
    RequestDelegate next, InboundHeaders inbound, UserTokens userTokens, OrganizationTokens organizationTokens, CurrentCatalog catalog, ProblemAnswer answer)
{
    private const int RetryAfter = 5;

    /// <param name="granted">The user's token that the route wants in place of the session's own.</param>
    public Task InvokeAsync(HttpContext context, Permit permit, GrantedUserToken? granted)
    {
        var policy = permit.Policy;
        // The caller's own bearer token is the user's token: it goes on where the route says so, and nowhere else.
        if (permit.Token is { } own && policy.Token is TokenChoice.User or TokenChoice.UserOrOrganization)
            return ForwardAsync(context, permit, new PresentedInjectedToken(policy.TokenHeader, policy.TokenPrefix, own.Value));
        var userToken = policy.Token is TokenChoice.User or TokenChoice.UserOrOrganization && permit.Session is not null;
        if (granted is not null)
            return ForwardAsync(context, permit, new GrantedInjectedToken(policy.TokenHeader, policy.TokenPrefix, granted.Value, permit.Session!.Id, granted.Renew));
        if (userToken)
            return ForwardAsync(context, permit, new UserInjectedToken(policy.TokenHeader, policy.TokenPrefix, permit.Session!, userTokens));
        // Nobody's on a public route, and an API key's: there is no person whose token it could be, and none stands in for it.
        if (policy.Token is TokenChoice.None or TokenChoice.User)
            return ForwardAsync(context, permit, null);
        if (permit.Organization is null && permit.AnonymousOrg is null)
            return answer.WriteAsync(context, Problem.NotAMember);
        var organization = permit.Organization is { } member ? catalog.Value.WithToken(member) : catalog.Value.Find(permit.AnonymousOrg!);
        if (organization?.Token is null)
            return answer.WriteAsync(context, Problem.TokenUnavailable(RetryAfter));
        var started = OrganizationTokenMetrics.WaitIsRead ? Stopwatch.GetTimestamp() : 0;
        var token = organizationTokens.GetAsync(organization, context.RequestAborted);
        return token.IsCompletedSuccessfully
            ? WithOrganizationTokenAsync(context, permit, organization, token.Result, TokenPath.Cache, started)
            : AwaitAsync(context, permit, organization, token, started);
    }

    private async Task AwaitAsync(HttpContext context, Permit permit, Organization organization, ValueTask<OrganizationToken?> token, long started) =>
        await WithOrganizationTokenAsync(context, permit, organization, await token, TokenPath.Mint, started);

    private Task WithOrganizationTokenAsync(HttpContext context, Permit permit, Organization organization, OrganizationToken? token, TokenPath path, long started)
    {
        if (token is null)
            return answer.WriteAsync(context, Problem.TokenUnavailable(RetryAfter));
        if (started != 0)
            OrganizationTokenMetrics.Waited(Stopwatch.GetElapsedTime(started), path);
        var policy = permit.Policy;
        return ForwardAsync(context, permit, new OrganizationInjectedToken(policy.TokenHeader, policy.TokenPrefix, organization, token, path, organizationTokens));
    }

    private Task ForwardAsync(HttpContext context, Permit permit, InjectedToken? token)
    {
        if (token is not null)
            ReplayMetrics.Injected(token);
        inbound.Strip(context.Request.Headers);
        if (permit.Policy.Credentials.HasFlag(CredentialKinds.ApiKey))
            InboundHeaders.StripKey(context.Request.Headers);
        context.Features.Set(new Forwarding(permit, token));
        return next(context);
    }
}
