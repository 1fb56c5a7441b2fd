using OrgGateway.Answers;
using OrgGateway.Storage;

namespace OrgGateway.Limits;

/// <summary>What was tried. Counted apart: a flood of one shuts nobody out who comes with the other.</summary>
public enum AttemptKind
{
    Key,
    Token,
}

/// <summary>
/// Slows down whoever tries keys or tokens: failures of one address, and those of keys that begin alike, are counted over all replicas.
/// A key's rightful holder is never locked out by others' failures elsewhere, and a success takes nothing back (T117).
/// </summary>
public sealed class FailedAttempts(RateLimiter limiter, CurrentRateLimits limits, TimeProvider clock)
{
    private const int MostAddresses = 50_000;
    private readonly BoundedCopies<(AttemptKind Kind, string Address), Blocked> _blocked = new(MostAddresses);

    /// <returns>The answer for an address that has used its failures up, as far as this replica knows; else null.</returns>
    public Problem? RefusalFor(AttemptKind kind, HttpContext context) =>
        _blocked.Find((kind, RateLimiter.AddressOf(context))) is { } blocked && blocked.Until - clock.GetUtcNow() is { Ticks: > 0 } wait ? ProblemOf(kind, wait) : null;

    /// <summary>Counts one failure.</summary>
    /// <param name="shown">How a key begins, as far as it may be shown; null for what is of no key's form.</param>
    /// <returns>The answer in place of the refusal, once there were too many; else null.</returns>
    public async ValueTask<Problem?> CountAsync(AttemptKind kind, HttpContext context, string? shown)
    {
        var limit = limits.Value[RateLimit.Failures];
        var address = RateLimiter.AddressOf(context);
        var ofAddress = await limiter.UseAsync(limit, [kind == AttemptKind.Key ? "address" : "token-address", address], null, always: false, CancellationToken.None);
        if (ofAddress.Outcome == LimitOutcome.Refused)
        {
            _blocked.Put((kind, address), new(clock.GetUtcNow() + ofAddress.Answer.RetryAfter));
            return ProblemOf(kind, ofAddress.Answer.RetryAfter);
        }
        if (shown is null)
            return null;
        var ofPrefix = await limiter.UseAsync(limit, ["prefix", shown], null, always: false, CancellationToken.None);
        return ofPrefix.Outcome == LimitOutcome.Refused ? ProblemOf(kind, ofPrefix.Answer.RetryAfter) : null;
    }

    private static Problem ProblemOf(AttemptKind kind, TimeSpan wait) => new(429, "rate_limited", "Too many failed attempts", "Wait as long as Retry-After says.")
    {
        RetryAfterSeconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)),
        KeyCode = kind == AttemptKind.Key ? "RATE_LIMITED" : null,
    };

    private sealed record Blocked(DateTimeOffset Until);
}
