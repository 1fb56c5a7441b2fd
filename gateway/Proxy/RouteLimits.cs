using System.Globalization;
using System.Net.Http.Headers;
using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.Identities;
using OrgGateway.Limits;

namespace OrgGateway.Proxy;

/// <summary>The limits of a route and of a caller, at the two places where they are asked: before anybody is looked up, and once it is known who calls.</summary>
public sealed class RouteLimits(RateLimiter limiter)
{
    /// <returns>The refusal, or null when the request may go on; the caller is told in either case how much is left.</returns>
    public async ValueTask<Problem?> EnterAsync(HttpContext context, RoutePolicy policy)
    {
        foreach (var limit in policy.Limits)
            if (limit.IsEarly && await UseAsync(context, limit, PartitionOf(limit, policy, context, null), isKey: false) is { } refusal)
                return refusal;
        return null;
    }

    /// <summary>After the decision: limits of people, keys and organizations, and what a key may do by itself.</summary>
    public async ValueTask<Problem?> AdmitAsync(HttpContext context, Permit permit)
    {
        var isKey = permit.Identity?.KeyId is not null;
        foreach (var allowance in permit.Identity?.Allowances ?? [])
            if (await UseAsync(context, Own(allowance), [permit.Identity!.KeyId ?? permit.Identity.Subject], isKey) is { } refusal)
                return refusal;
        foreach (var limit in permit.Policy.Limits)
            if (!limit.IsEarly && await UseAsync(context, limit, PartitionOf(limit, permit.Policy, context, permit), isKey) is { } refusal)
                return refusal;
        return null;
    }

    /// <summary>
    /// Charges what the application's answer says the request cost, before anything of that answer is sent: whoever has read it and
    /// asks again is counted with it on every replica, a stream is paid for at its start, and one that breaks off all the same.
    /// </summary>
    public void ChargeWithAnswer(HttpContext context, Permit permit)
    {
        foreach (var limit in permit.Policy.Limits)
            if (limit.CostHeader is not null)
            {
                context.Response.OnStarting(() => ChargeAsync(context, permit));
                return;
            }
    }

    /// <summary>
    /// Takes all headers off an answer that is stopped, but for what the caller is told of limits, and for what the answer cost: that was
    /// spent all the same, and a number is nobody's secret.
    /// </summary>
    /// <param name="said">By the application: its values stand behind ours.</param>
    public static void ClearButLimits(HttpResponse response, HttpHeaders said, RoutePolicy policy)
    {
        var kept = policy.Limits.Where(limit => CostIn(response, limit) is not null).Select(limit => (Name: limit.CostHeader!, Values: response.Headers[limit.CostHeader!])).ToList();
        foreach (var name in LimitAnswer.Fields)
            kept.Add((name, response.Headers[name].SkipLast(said.NonValidated.TryGetValues(name, out var theirs) ? theirs.Count : 0).ToArray()));
        response.Clear();
        foreach (var (name, values) in kept)
            response.Headers[name] = values; // of none there is none
    }

    private async Task ChargeAsync(HttpContext context, Permit permit)
    {
        foreach (var limit in permit.Policy.Limits)
            if (CostIn(context.Response, limit) is { } cost)
                // Used up already, whoever has gone away meanwhile.
                await limiter.UseAsync(limit, PartitionOf(limit, permit.Policy, context, permit), cost, always: true, CancellationToken.None);
    }

    private static int? CostIn(HttpResponse response, RateLimit limit) =>
        limit.CostHeader is not null && int.TryParse(response.Headers[limit.CostHeader], NumberStyles.None, CultureInfo.InvariantCulture, out var cost) && cost > 0 ? cost : null;

    private async ValueTask<Problem?> UseAsync(HttpContext context, RateLimit limit, string[] partition, bool isKey)
    {
        // What it costs is known afterwards: it goes on while anything is left.
        var probe = limit.CostHeader is not null;
        var verdict = await limiter.UseAsync(limit, partition, probe ? 0 : null, always: false, context.RequestAborted);
        if (probe && verdict is { Outcome: LimitOutcome.Allowed, Answer.Remaining: 0 })
            verdict = verdict with { Outcome = LimitOutcome.Refused, Answer = verdict.Answer with { RetryAfter = verdict.Answer.Resets } };
        LimitAnswer.WriteFields(context.Response, verdict);
        return LimitAnswer.ProblemOf(verdict, isKey);
    }

    // A caller who is nobody shares by address: one bucket for all of them, or none, would let anybody through (known from limiters
    // keyed by an absent user).
    private static string[] PartitionOf(RateLimit limit, RoutePolicy policy, HttpContext context, Permit? permit) => limit.By switch
    {
        LimitBy.Route => ["route", policy.RouteId],
        LimitBy.Org when (permit?.Organization?.Id ?? permit?.AnonymousOrg) is { } org => ["org", org],
        LimitBy.User or LimitBy.Key when permit?.Identity is { KeyId: { } key } => ["key", key],
        LimitBy.User or LimitBy.Key when permit?.Identity is { } identity => ["user", identity.Issuer, identity.Subject],
        _ => ["address", RateLimiter.AddressOf(context)],
    };

    private static RateLimit Own(Allowance allowance) =>
        new(allowance.IsBudget ? "key-budget" : "key", allowance.Limit, allowance.Window, LimitBy.Key, StoreDownChoice.Local, allowance.IsBudget ? LimitKind.Budget : LimitKind.Rate);
}
