using OrgGateway.Configuration;

namespace OrgGateway.Limits;

/// <summary>Whose requests share one allowance. Callers of whom the like is not known share by address instead, so that none goes uncounted.</summary>
public enum LimitBy
{
    /// <summary>The signed-in person, or the API key.</summary>
    User,

    /// <summary>The organization of the URL.</summary>
    Org,

    /// <summary>The API key; a person where there is none.</summary>
    Key,

    /// <summary>The address; of IPv6 the network of 64 bits, which is one household.</summary>
    Ip,

    /// <summary>All callers of a route together.</summary>
    Route,
}

public enum StoreDownChoice
{
    Allow,
    Deny,

    /// <summary>Each replica counts for itself.</summary>
    Local,
}

public enum LimitKind
{
    /// <summary>Requests in a sliding window: 429 <c>rate_limited</c>.</summary>
    Rate,

    /// <summary>Cost in a period that begins with its first use: 429 <c>budget_exceeded</c>.</summary>
    Budget,
}

/// <summary>One entry of <c>Gateway:RateLimits</c>, which routes name in <c>RateLimit</c>.</summary>
public sealed class RateLimitOptions
{
    public const string Section = "Gateway:RateLimits";

    /// <summary>Requests, or cost, allowed in a window. 1 to 1,000,000,000.</summary>
    public int Limit { get; init; }

    /// <summary>1 second to 366 days.</summary>
    public TimeSpan Window { get; init; }

    public LimitBy By { get; init; }

    /// <summary>What happens to requests while the store cannot count them. Default <c>Allow</c>.</summary>
    public StoreDownChoice WhenStoreIsDown { get; init; }

    public LimitKind Kind { get; init; }

    /// <summary>What one request costs. 1 to 1,000,000; default 1.</summary>
    public int Cost { get; init; } = 1;

    /// <summary>Response header in which the application says what the request cost, a whole number; then the request is let through while anything is left, and charged afterwards. For budgets.</summary>
    public string? CostHeader { get; init; }

    public static void Check(IReadOnlyDictionary<string, RateLimitOptions> limits, Faults faults)
    {
        foreach (var (name, limit) in limits)
        {
            var path = $"{Section}:{name}";
            // The name stands in a header field as it is (RFC 9651 §3.3.3).
            if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
                faults.Add(path, "a name has 1 to 64 letters, digits, '-', '_' and '.'");
            faults.Range(path + ":Limit", limit.Limit, 1, 1_000_000_000);
            faults.Range(path + ":Window", limit.Window, TimeSpan.FromSeconds(1), TimeSpan.FromDays(366));
            faults.Range(path + ":Cost", limit.Cost, 1, 1_000_000);
            if (limit.CostHeader is not null && limit.Kind != LimitKind.Budget)
                faults.Add(path + ":CostHeader", "is for Kind Budget");
            if (name is RateLimit.Login or RateLimit.Failures && (limit.By != LimitBy.Ip || limit.Kind != LimitKind.Rate))
                faults.Add(path, "this name is the gateway's own: By 'ip' and Kind 'Rate' alone make sense");
        }
    }
}
