using System.Threading.RateLimiting;

namespace OrgGateway.Inlets;

/// <summary>
/// Bounds what strangers can cost with messages that prove nothing: refusals are counted by address, and who has too many is
/// refused before anything is read or verified. Messages that hold are never counted: a provider may sign out thousands at once.
/// </summary>
public sealed class InletGuard : IDisposable
{
    private const int Burst = 100;
    private const int PerSecond = 20;

    private readonly PartitionedRateLimiter<string> _refusals = PartitionedRateLimiter.Create<string, string>(address => RateLimitPartition.GetTokenBucketLimiter(address, _ => new()
    {
        TokenLimit = Burst,
        TokensPerPeriod = PerSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        AutoReplenishment = true,
    }));

    /// <summary>Answers 429 where the caller has used up its refusals.</summary>
    /// <returns>Whether the request may go on.</returns>
    public bool Admits(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        using var lease = _refusals.AttemptAcquire(AddressOf(context), permitCount: 0);
        if (lease.IsAcquired)
            return true;
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = "1";
        return false;
    }

    public void CountRefusal(HttpContext context) => _refusals.AttemptAcquire(AddressOf(context)).Dispose();

    public void Dispose() => _refusals.Dispose();

    private static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";
}
