using OrgGateway.Answers;
using OrgGateway.Storage;

namespace OrgGateway.Limits;

/// <summary>
/// Slows down whoever tries keys: failures of one address, and those of keys that begin alike, are counted over all replicas. An
/// address that used its failures up is refused before its key is looked at. A key's rightful holder is never locked out by others'
/// failures elsewhere, and a success takes nothing back (T117).
/// </summary>
public sealed class FailedKeys(RateLimiter limiter, IReadOnlyDictionary<string, RateLimit> limits, TimeProvider clock)
{
    private const int MostAddresses = 50_000;
    private readonly RateLimit _limit = limits[RateLimit.Failures];
    private readonly BoundedCopies<string, Blocked> _blocked = new(MostAddresses);

    /// <returns>The answer for an address that is refused right now, else null.</returns>
    public Problem? RefusalFor(HttpContext context) =>
        _blocked.Find(RateLimiter.AddressOf(context)) is { } blocked && blocked.Until - clock.GetUtcNow() is { Ticks: > 0 } wait ? ProblemOf(wait) : null;

    /// <summary>Counts one failure.</summary>
    /// <param name="shown">How the key begins, as far as it may be shown; null for what is of no key's form.</param>
    /// <returns>The answer in place of the refusal, once there were too many; else null.</returns>
    public async ValueTask<Problem?> CountAsync(HttpContext context, string? shown)
    {
        var address = RateLimiter.AddressOf(context);
        var ofAddress = await limiter.UseAsync(_limit, ["address", address], null, always: false, CancellationToken.None);
        if (ofAddress.Outcome == LimitOutcome.Refused)
        {
            _blocked.Put(address, new(clock.GetUtcNow() + ofAddress.Answer.RetryAfter));
            return ProblemOf(ofAddress.Answer.RetryAfter);
        }
        if (shown is null)
            return null;
        var ofPrefix = await limiter.UseAsync(_limit, ["prefix", shown], null, always: false, CancellationToken.None);
        return ofPrefix.Outcome == LimitOutcome.Refused ? ProblemOf(ofPrefix.Answer.RetryAfter) : null;
    }

    private static Problem ProblemOf(TimeSpan wait) => new(429, "rate_limited", "Too many failed attempts", "Wait as long as Retry-After says.")
    {
        RetryAfterSeconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)),
        KeyCode = "RATE_LIMITED",
    };

    private sealed record Blocked(DateTimeOffset Until);
}
