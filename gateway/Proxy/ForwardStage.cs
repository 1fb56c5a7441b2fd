using System.Net;
using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.Orgs;
using OrgGateway.Tokens;

namespace OrgGateway.Proxy;

/// <summary>
/// Turns a permitted request into the one the upstream gets: the caller's own claims to identity go, the verified identity, the
/// assertion and the route's token come. A token that cannot be had is an answer of ours, never a request without it (T14).
/// </summary>
public sealed class ForwardStage(
    RequestDelegate next, InboundHeaders inbound, OrganizationTokens organizationTokens, CurrentCatalog catalog, ProblemAnswer answer)
{
    private const int RetryAfter = 5;

    public Task InvokeAsync(HttpContext context)
    {
        var permit = context.Features.Get<Permit>() ?? throw new InvalidOperationException("nothing is forwarded without a permit");
        var policy = permit.Policy;
        // The caller's own bearer token is the user's token: it goes on where the route says so, and nowhere else.
        if (permit.Token is { } own && policy.Token is TokenChoice.User or TokenChoice.UserOrOrganization)
            return ForwardAsync(context, permit, policy.TokenPrefix + own.Value);
        var userToken = policy.Token == TokenChoice.User || (policy.Token == TokenChoice.UserOrOrganization && permit.Session is not null);
        if (context.Features.Get<GrantedUserToken>() is { } granted)
            return ForwardAsync(context, permit, policy.TokenPrefix + granted.Value);
        if (userToken)
            return ForwardAsync(context, permit, policy.TokenPrefix == "Bearer " ? permit.Session!.BearerValue : policy.TokenPrefix + permit.Session!.Record.AccessToken);
        if (policy.Token == TokenChoice.None)
            return ForwardAsync(context, permit, null);
        var orgId = permit.Organization?.Id ?? permit.AnonymousOrg;
        if ((orgId is null ? null : catalog.Value.Find(orgId)) is not { Token: not null } organization)
            return answer.WriteAsync(context, orgId is null ? Problem.NotAMember : Problem.TokenUnavailable(RetryAfter));
        var token = organizationTokens.GetAsync(organization, context.RequestAborted);
        return token.IsCompletedSuccessfully ? WithOrganizationTokenAsync(context, permit, token.Result) : AwaitAsync(context, permit, token);
    }

    private async Task AwaitAsync(HttpContext context, Permit permit, ValueTask<OrganizationToken?> token) =>
        await WithOrganizationTokenAsync(context, permit, await token);

    private Task WithOrganizationTokenAsync(HttpContext context, Permit permit, OrganizationToken? token) => token is null
        ? answer.WriteAsync(context, Problem.TokenUnavailable(RetryAfter))
        : ForwardAsync(context, permit, permit.Policy.TokenPrefix + token.Value);

    private Task ForwardAsync(HttpContext context, Permit permit, string? token)
    {
        inbound.Strip(context.Request.Headers);
        if (permit.Policy.Credentials.HasFlag(CredentialKinds.ApiKey))
            InboundHeaders.StripKey(context.Request.Headers);
        context.Features.Set(new Forwarding(permit, token));
        return next(context);
    }
}
