using OrgGateway.Answers;
using OrgGateway.Identities;
using OrgGateway.Orgs;

namespace OrgGateway.Access;

/// <summary>What one request asks for, apart from who asks.</summary>
/// <param name="Org">What its URL says of the organization, for this caller.</param>
/// <param name="Origin">Of a WebSocket handshake: null when absent.</param>
/// <param name="HasCookie">Whether a WebSocket handshake carries the session cookie.</param>
/// <param name="Now">Needed where the policy says how recent a sign-in has to be.</param>
/// <param name="HostOrigin">Of a WebSocket handshake: the origin of the host it came to, where a route takes the organization from the host.</param>
public readonly record struct AccessRequest(bool IsWebSocket, bool IsWebSocketMethod, OrgResolution Org, string? Origin, bool HasCookie, string? HostOrigin = null, DateTimeOffset Now = default);

/// <summary>Outcome of a decision: a permit, or the problem to answer with; both where a route is report-only.</summary>
/// <param name="Rule">What decided: a key of the route's metadata with its value, or a rule that holds for every route.</param>
public readonly record struct Decision(Permit? Permit, Problem? Problem, string Rule);

/// <summary>
/// Decides access: a pure function of policy, caller and request, so that every way in (pages, APIs, sockets) asks the same
/// question and an explanation cannot differ from the deed.
/// </summary>
/// <param name="ownOrigins">Origins that may open sockets on every route.</param>
/// <param name="upgradeRequired">Answer to a plain request where only a WebSocket is served; null: 426.</param>
public sealed class AccessDecision(IReadOnlyList<string> ownOrigins, Problem? upgradeRequired = null)
{
    private const int RetryAfter = 5;

    public Decision Decide(RoutePolicy policy, in Caller caller, in AccessRequest request)
    {
        if (Handshake(policy, request) is { } refused)
            return refused;
        var org = request.Org;
        if (org.Match == OrgMatch.Invalid)
            return new(null, Problem.BadOrg, "grammar of {org}");
        if (policy.Access == AccessLevel.Public)
            return Public(policy, caller, org);
        if (caller.Identity is not { } identity)
            return new(null, Problem.Unauthenticated, AccessRule(policy));
        var organization = org.Match == OrgMatch.Member ? org.Organization : null;
        if (Judge(policy, identity, org, caller.Token is not null, request.Now) is not { } judged)
            return Permitted(new(policy, caller, organization, null, AccessRule(policy)));

        // Report-only: the caller is who the credential says and the would-be refusal is told to the log, not to the caller. What
        // cannot be known right now is no refusal.
        var forwards = policy.ReportOnly && org.Match != OrgMatch.Unavailable;
        return new(forwards ? new Permit(policy, caller, organization, null, judged.Rule) : null, judged.Problem, judged.Rule);
    }

    private static Decision Permitted(Permit permit) => new(permit, null, permit.Rule);

    private static string AccessRule(RoutePolicy policy) => policy.Access == AccessLevel.Member ? "Access: member" : "Access: authenticated";

    private static Decision Public(RoutePolicy policy, in Caller caller, in OrgResolution org)
    {
        if (org.Match == OrgMatch.Unavailable && policy.Token != TokenChoice.None)
            return new(null, Problem.DirectoryUnavailable(RetryAfter), "OrganizationDirectory");
        return Permitted(new(policy, caller, org.Match == OrgMatch.Member ? org.Organization : null, org.Match == OrgMatch.Stranger ? org.OrgId : null, "Access: public"));
    }

    private static (Problem Problem, string Rule)? Judge(RoutePolicy policy, Identity identity, in OrgResolution org, bool isToken, DateTimeOffset now)
    {
        // Last: who may not come in anyway is not sent to sign in again first.
        return Admit(policy, identity, org, isToken)
            ?? (policy.StepUp is { } stepUp && !stepUp.IsMetBy(identity, now) ? (stepUp.ToProblem(), "MaxAuthAge, Acr: " + stepUp.ToQuery()) : null);
    }

    private static (Problem Problem, string Rule)? Admit(RoutePolicy policy, Identity identity, in OrgResolution org, bool isToken)
    {
        if (policy.EmailVerified && !identity.EmailVerified)
            return (Hidden(policy, new Problem(403, "email_not_verified", "E-mail address not verified")), "EmailVerified: true");
        if (policy.Access != AccessLevel.Member)
            return null;
        switch (org.Match)
        {
            case OrgMatch.Member:
                break;
            case OrgMatch.Unnamed:
                return (Problem.OrgRequired, "Access: member");
            case OrgMatch.Moved:
                return (Problem.OrgMoved, "Access: member");
            case OrgMatch.Unavailable:
                return (Problem.DirectoryUnavailable(RetryAfter), "OrganizationDirectory");
            // A token that names no organization at all was made for another use; that is for whoever had it made to mend (A5).
            case var _ when isToken && identity.Organizations.All.Count == 0:
                return (Hidden(policy, Problem.OrgRequired), "Access: member");
            default:
                // Unknown and foreign organizations get one answer: which exist is nobody's business (T118).
                return (Hidden(policy, Problem.NotAMember), "Access: member");
        }
        var organization = org.Organization!;
        if (policy.Roles.Count > 0 && !policy.Roles.Any(organization.Has))
            return (Hidden(policy, Missing(identity, "role", string.Join(" or ", policy.Roles))), "Roles: " + string.Join(", ", policy.Roles));
        foreach (var permission in policy.Permissions)
            if (!organization.May(permission))
                return (Hidden(policy, Missing(identity, "permission", permission)), "Permissions: " + permission);
        return null;
    }

    private static Problem Missing(Identity identity, string kind, string name) =>
        Problem.MissingPermission(kind, name) with { KeyCode = identity.KeyId is null ? null : "INSUFFICIENT_PERMISSIONS" };

    private static Problem Hidden(RoutePolicy policy, Problem problem) => policy.HideExistence ? Problem.NotFound : problem;

    private Decision? Handshake(RoutePolicy policy, in AccessRequest request)
    {
        if (!request.IsWebSocket)
            return policy.WebSocket != WebSocketRule.Require ? null
                : new(null, request.IsWebSocketMethod ? upgradeRequired ?? Problem.UpgradeRequired : Problem.WebSocketMethod, "WebSocket: require");
        if (policy.WebSocket == WebSocketRule.Deny)
            return new(null, Problem.UpgradeDenied, "WebSocket: deny");
        // Browsers send cookies with cross-site handshakes and ask nobody: the Origin is the only guard (C17). A client without
        // one is no browser, so a cookie without an Origin is refused too.
        if (!request.HasCookie && request.Origin is null)
            return null;
        return request.Origin is not null && (ownOrigins.Contains(request.Origin, StringComparer.Ordinal) || policy.Origins.Contains(request.Origin) || request.Origin == request.HostOrigin)
            ? null
            : new(null, Problem.OriginRefused, "Origins");
    }
}
