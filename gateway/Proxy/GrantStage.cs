using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.Configuration;
using OrgGateway.Orgs;
using OrgGateway.Tokens;

namespace OrgGateway.Proxy;

/// <summary>
/// Has the user's token for the organization of the URL, or for the audience of the route, where the session's own token will not do.
/// Requests of other routes and providers pass through.
/// </summary>
public sealed class GrantStage(GrantedRequest next, OrganizationGrants grants, TokenExchange exchange, ProblemAnswer answer, Redirection redirection, Site site)
{
    private const int RetryAfter = 5;

    public Task InvokeAsync(HttpContext context, Permit permit)
    {
        if (!permit.Policy.ForwardsUserToken)
            return next(context, permit, null);
        if (permit.Session is not { } session)
            // A machine has no token of a user's; the organization's must not stand in for it.
            return permit.Policy.ExchangeFor is null ? next(context, permit, null) : answer.WriteAsync(context, Problem.UserRequired);
        if (permit.Policy.ExchangeFor is null && (permit.Organization is null || grants.IsInToken(session)))
            return next(context, permit, null);
        var token = FindAsync(permit, context.RequestAborted);
        return token.IsCompletedSuccessfully ? ContinueAsync(context, permit, token.Result) : AwaitAsync(context, permit, token);
    }

    private ValueTask<GrantedToken> FindAsync(Permit permit, CancellationToken cancellationToken) => permit.Policy.ExchangeFor is { } audience
        ? exchange.GetAsync(permit.Session!, permit.Organization, audience, cancellationToken)
        : grants.GetAsync(permit.Session!, permit.Organization!, cancellationToken);

    private async Task AwaitAsync(HttpContext context, Permit permit, ValueTask<GrantedToken> token) => await ContinueAsync(context, permit, await token);

    private Task ContinueAsync(HttpContext context, Permit permit, in GrantedToken token)
    {
        var seconds = token.RetryAfter is { } wait ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : RetryAfter;
        switch (token.Outcome)
        {
            case GrantOutcome.Granted:
                return next(context, permit, new GrantedUserToken(token.AccessToken!, permit.Policy.ExchangeFor is null ? renewal => RenewAsync(permit, renewal) : null));
            case GrantOutcome.SignInNeeded:
                return SignInAsync(context, permit.Organization, Problem.OrgReauthRequired);
            case GrantOutcome.ProviderUnavailable:
                return answer.WriteAsync(context, Problem.ProviderUnavailable(seconds));
            case GrantOutcome.StoreUnavailable:
                return answer.WriteAsync(context, Problem.StoreUnavailable(seconds));
            case GrantOutcome.Ended:
                return SignInAsync(context, null, _ => Problem.Unauthenticated);
            default:
                return answer.WriteAsync(context, Problem.TokenUnavailable(seconds));
        }
    }

    private async Task<string?> RenewAsync(Permit permit, CancellationToken cancellationToken) =>
        (await grants.RenewAsync(permit.Session!, permit.Organization!, cancellationToken)).AccessToken;

    // For this organization alone (R4, P17): the session and its other organizations go on.
    private Task SignInAsync(HttpContext context, SubjectOrganization? organization, Func<string, Problem> problem)
    {
        var isPage = RequestKinds.Of(context) == RequestKind.Page;
        var next = isPage ? context.Request.PathBase.Add(context.Request.Path).ToUriComponent() + context.Request.QueryString.ToUriComponent() : LocalUrl.Default;
        var login = (organization is null ? "" : "org=" + Uri.EscapeDataString(organization.Slug) + "&") + "next=" + Uri.EscapeDataString(next);
        if (!isPage)
            return answer.WriteAsync(context, problem(login));
        return redirection.ToAsync(context, StatusCodes.Status302Found, site.AuthPath + "/login?" + login);
    }
}

/// <summary>The user's token as this request's route wants it.</summary>
/// <param name="Renew">Another one, for an upstream that refused it; null where there is no way to one.</param>
public sealed record GrantedUserToken(string Value, Func<CancellationToken, Task<string?>>? Renew)
{
    public override string ToString() => "token (hidden)";
}
