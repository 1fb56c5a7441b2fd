using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.Audit;
using OrgGateway.Identities;

namespace OrgGateway.Proxy;

/// <summary>One audit event for every refusal, with a reason of its own (G29).</summary>
public sealed class Refusals(AuditTrail audit)
{
    private const string SessionEnded = "session_ended";

    /// <param name="withCookie">Whether a session cookie was shown that names nothing any more.</param>
    public void Record(HttpContext context, RoutePolicy policy, Problem problem, in RefusedCaller caller, bool withCookie)
    {
        var isAnonymous = problem.Code == Problem.Unauthenticated.Code;
        // Somebody who opens a page and is sent to sign in was refused nothing.
        if (isAnonymous && !withCookie && RequestKinds.Of(context) == RequestKind.Page && policy.Credentials.HasFlag(CredentialKinds.Session))
            return;
        Record(context, policy, AuditNames.Refused, caller.Reason ?? (isAnonymous && withCookie ? SessionEnded : problem.Code), caller);
    }

    /// <summary>What a report-only route let pass.</summary>
    public void WouldHave(HttpContext context, RoutePolicy policy, Problem problem, in RefusedCaller caller) => Record(context, policy, AuditNames.WouldRefuse, problem.Code, caller);

    private void Record(HttpContext context, RoutePolicy policy, string name, string reason, in RefusedCaller caller) =>
        audit.Record(new AuditEvent(name)
        {
            Reason = reason,
            Issuer = caller.Identity?.Issuer,
            Subject = caller.Identity?.Subject,
            KeyId = caller.Identity?.KeyId ?? caller.KeyId,
            KeyPrefix = caller.KeyPrefix,
            OrgId = caller.OrgId,
            Route = policy.RouteId,
        }.From(context));
}

/// <summary>What is known of a caller who is refused.</summary>
/// <param name="Reason">Where it is finer than the answer's code.</param>
/// <param name="KeyPrefix">How a refused API key begins, as far as it may be shown.</param>
public readonly record struct RefusedCaller(Identity? Identity = null, string? OrgId = null, string? Reason = null, string? KeyId = null, string? KeyPrefix = null);
