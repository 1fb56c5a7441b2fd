using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using OrgGateway.Storage;
using OrgGateway.Telemetry;

namespace OrgGateway.Limits;

/// <summary>Counts uses of limits: over all replicas in the store, in one atomic step; alone where the store is down and the limit says so.</summary>
public sealed class RateLimiter(IStore store, TimeProvider clock, ILogger<RateLimiter> logger)
{
    private static readonly Counter<long> Refused = GatewayMeter.Instance.CreateCounter<long>("orggateway.limits.refused", description: "Requests refused by limit");
    private static readonly Counter<long> Uncounted = GatewayMeter.Instance.CreateCounter<long>("orggateway.limits.uncounted", description: "Uses of limits that the store could not count");
    private readonly UsageWindows _local = new(clock);
    private long _saidAt;

    /// <param name="partition">Whose allowance, within the limit.</param>
    /// <param name="cost">Null: the limit's own.</param>
    public async ValueTask<LimitVerdict> UseAsync(RateLimit limit, string[] partition, int? cost, bool always, CancellationToken cancellationToken)
    {
        var key = StoreKey.Of("limit", [limit.Name, limit.Kind.ToString(), .. partition]);
        var use = new WindowUse(limit.Limit, limit.Window, cost ?? limit.Cost, limit.Kind == LimitKind.Rate, always);
        var answer = await store.UseWindowAsync(key, use, cancellationToken);
        if (!answer.Answered)
        {
            Uncounted.Add(1, new KeyValuePair<string, object?>("limit", limit.Name));
            Say(limit);
            if (limit.WhenStoreIsDown != StoreDownChoice.Local)
                return new(limit, answer, limit.WhenStoreIsDown == StoreDownChoice.Allow ? LimitOutcome.Uncounted : LimitOutcome.StoreDown);
            answer = _local.Use(key, use);
        }
        if (answer.Allowed || always)
            return new(limit, answer, LimitOutcome.Allowed);
        Refused.Add(1, new KeyValuePair<string, object?>("limit", limit.Name));
        return new(limit, answer, LimitOutcome.Refused);
    }

    /// <summary>An address as limits know it: IPv4 in its own form, of IPv6 the network, since whoever has one address there has them all.</summary>
    public static string AddressOf(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address)
            return "";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address.ToString();
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes).ToString();
    }

    private void Say(RateLimit limit)
    {
        var now = clock.GetUtcNow().UtcTicks;
        var said = Volatile.Read(ref _saidAt);
        if (now - said > TimeSpan.TicksPerMinute && Interlocked.CompareExchange(ref _saidAt, now, said) == said)
            logger.StoreCannotCount(limit.Name, limit.WhenStoreIsDown);
    }
}

public enum LimitOutcome
{
    Allowed,
    Refused,

    /// <summary>The store is down and the limit lets requests pass then.</summary>
    Uncounted,

    /// <summary>The store is down and the limit lets none pass then.</summary>
    StoreDown,
}

public readonly record struct LimitVerdict(RateLimit Limit, WindowAnswer Answer, LimitOutcome Outcome);
