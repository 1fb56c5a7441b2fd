using System.Globalization;
using Microsoft.Extensions.Primitives;
using OrgGateway.Answers;

namespace OrgGateway.Limits;

/// <summary>What a caller is told of limits: the fields of draft-ietf-httpapi-ratelimit-headers-11, and 429 with the time to come back.</summary>
public static class LimitAnswer
{
    private const string PolicyField = "RateLimit-Policy";
    private const string LeftField = "RateLimit";
    private const int StoreRetryAfter = 5;

    public static readonly string[] Fields = [PolicyField, LeftField];

    public static void WriteFields(HttpResponse response, in LimitVerdict verdict)
    {
        if (verdict.Outcome is LimitOutcome.Uncounted or LimitOutcome.StoreDown)
            return;
        var now = $"\"{verdict.Limit.Name}\";r={verdict.Answer.Remaining};t={Seconds(verdict.Answer.Resets)}";
        // Several limits are members of one list.
        response.Headers[PolicyField] = Joined(response.Headers[PolicyField], verdict.Limit.Policy);
        response.Headers[LeftField] = Joined(response.Headers[LeftField], now);
    }

    /// <returns>Null when the request may go on.</returns>
    public static Problem? ProblemOf(in LimitVerdict verdict, bool isKey) => verdict.Outcome switch
    {
        LimitOutcome.Refused when verdict.Limit.Kind == LimitKind.Budget =>
            new(429, "budget_exceeded", "The budget of this period is used up") { RetryAfterSeconds = Wait(verdict), KeyCode = isKey ? "USAGE_EXCEEDED" : null },
        LimitOutcome.Refused => new(429, "rate_limited", "Too many requests", "Wait as long as Retry-After says.") { RetryAfterSeconds = Wait(verdict), KeyCode = isKey ? "RATE_LIMITED" : null },
        LimitOutcome.StoreDown => new(503, "limits_unavailable", "Requests cannot be counted right now") { RetryAfterSeconds = StoreRetryAfter },
        _ => null,
    };

    private static int Wait(in LimitVerdict verdict) => Math.Max(1, Seconds(verdict.Answer.RetryAfter));

    private static int Seconds(TimeSpan time) => (int)Math.Min(int.MaxValue, Math.Ceiling(time.TotalSeconds));

    private static StringValues Joined(StringValues known, string more) => known.Count == 0 ? more : string.Create(CultureInfo.InvariantCulture, $"{known}, {more}");
}
