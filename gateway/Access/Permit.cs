using OrgGateway.Bearer;
using OrgGateway.Identities;
using OrgGateway.Orgs;
using OrgGateway.Sessions;

namespace OrgGateway.Access;

/// <summary>
/// Proof that a request was decided. Nothing is forwarded without one, and <see cref="AccessDecision"/> is the one place that
/// makes them.
/// </summary>
public sealed class Permit
{
    internal Permit(RoutePolicy policy, in Caller caller, SubjectOrganization? organization, string? anonymousOrg, string rule) =>
        (Policy, Identity, Session, Token, Organization, AnonymousOrg, Rule) = (policy, caller.Identity, caller.Session, caller.Token, organization, anonymousOrg, rule);

    public RoutePolicy Policy { get; }

    /// <summary>What decided, as in <see cref="Decision.Rule"/>.</summary>
    public string Rule { get; }

    /// <summary>Null for an anonymous caller of a public route.</summary>
    public Identity? Identity { get; }

    /// <summary>Set where a session proved the identity.</summary>
    public Session? Session { get; }

    /// <summary>Set where the caller's own bearer token proved the identity.</summary>
    public BearerToken? Token { get; }

    /// <summary>The organization of this request's URL, where the caller is a member.</summary>
    public SubjectOrganization? Organization { get; }

    /// <summary>The configured organization of the URL of a public route that the caller is no member of: names whose token is meant, identifies nobody.</summary>
    public string? AnonymousOrg { get; }
}
