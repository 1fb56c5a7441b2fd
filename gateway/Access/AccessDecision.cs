using OrgGateway.Answers;
using OrgGateway.Identities;
using OrgGateway.Orgs;

namespace OrgGateway.Access;

/// <summary>What one request asks for, apart from who asks.</summary>
/// <param name="OrgSegment">The decoded <c>{org}</c> of the URL, as matched; null where the route has none.</param>
/// <param name="Origin">Of a WebSocket handshake: null when absent.</param>
/// <param name="HasCookie">Whether a WebSocket handshake carries the session cookie.</param>
public readonly record struct AccessRequest(bool IsWebSocket, bool IsWebSocketMethod, string? OrgSegment, string? Origin, bool HasCookie);

/// <summary>Outcome of a decision: a permit, or the problem to answer with.</summary>
public readonly record struct Decision(Permit? Permit, Problem? Problem);

/// <summary>
/// Decides access: a pure function of policy, caller and request, so that every way in (pages, APIs, sockets) asks the same
/// question and an explanation cannot differ from the deed.
/// </summary>
public sealed class AccessDecision(IReadOnlyList<string> ownOrigins)
{
    public Decision Decide(RoutePolicy policy, in Caller caller, OrganizationCatalog catalog, in AccessRequest request)
    {
        if (Handshake(policy, request) is { } refused)
            return new(null, refused);
        var organization = default(SubjectOrganization);
        var anonymousOrg = default(string);
        if (policy.NeedsOrg)
        {
            if (!OrgSegment.IsValid(request.OrgSegment))
                return new(null, string.IsNullOrEmpty(request.OrgSegment) ? Problem.NotFound : Problem.BadOrg);
            organization = caller.Identity?.Organizations.Find(request.OrgSegment!);
            if (organization is null && policy.Access != AccessLevel.Member)
                anonymousOrg = catalog.Find(request.OrgSegment!)?.Id;
        }
        if (policy.Access == AccessLevel.Public)
            return new(new Permit(policy, caller, organization, anonymousOrg), null);
        if (caller.Identity is not { } identity)
            return new(null, Problem.Unauthenticated);
        var problem = Judge(policy, identity, organization, caller.Session is null);
        if (problem is null)
            return new(new Permit(policy, caller, organization, anonymousOrg), null);

        // Report-only: the caller is who the credential says and the would-be refusal is told to the log, not to the caller.
        return new(policy.ReportOnly ? new Permit(policy, caller, organization, null) : null, problem);
    }

    private static Problem? Judge(RoutePolicy policy, Identity identity, SubjectOrganization? organization, bool machine)
    {
        if (policy.EmailVerified && !identity.EmailVerified)
            return Hidden(policy, new Problem(403, "email_not_verified", "E-mail address not verified"));
        if (policy.Access != AccessLevel.Member)
            return null;
        // Unknown and foreign organizations get one answer: which exist is nobody's business (T118).
        if (organization is null)
            // A token that names no organization at all was made for another use; that is for whoever had it made to mend.
            return Hidden(policy, machine && identity.Organizations.All.Count == 0 ? Problem.OrgRequired : Problem.NotAMember);
        if (policy.Roles.Count > 0 && !policy.Roles.Any(organization.Has))
            return Hidden(policy, Problem.MissingPermission("role", string.Join(" or ", policy.Roles)));
        foreach (var permission in policy.Permissions)
            if (!organization.May(permission))
                return Hidden(policy, Problem.MissingPermission("permission", permission));
        return null;
    }

    private static Problem Hidden(RoutePolicy policy, Problem problem) => policy.HideExistence ? Problem.NotFound : problem;

    private Problem? Handshake(RoutePolicy policy, in AccessRequest request)
    {
        if (!request.IsWebSocket)
            return policy.WebSocket != WebSocketRule.Require ? null
                : request.IsWebSocketMethod ? Problem.UpgradeRequired : Problem.WebSocketMethod;
        if (policy.WebSocket == WebSocketRule.Deny)
            return Problem.UpgradeDenied;
        // Browsers send cookies with cross-site handshakes and ask nobody: the Origin is the only guard (C17). A client without
        // one is no browser, so a cookie without an Origin is refused too.
        if (!request.HasCookie && request.Origin is null)
            return null;
        return request.Origin is not null && (ownOrigins.Contains(request.Origin, StringComparer.Ordinal) || policy.Origins.Contains(request.Origin))
            ? null
            : Problem.OriginRefused;
    }
}
