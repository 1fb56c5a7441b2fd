namespace OrgGateway.Limits;

/// <summary>One limit in force.</summary>
public sealed record RateLimit(string Name, int Limit, TimeSpan Window, LimitBy By, StoreDownChoice WhenStoreIsDown, LimitKind Kind = LimitKind.Rate, int Cost = 1, string? CostHeader = null)
{
    /// <summary>Sign-ins begun from one address; on without being configured (T106).</summary>
    public const string Login = "login";

    /// <summary>Unknown API keys, or tokens that no issuer signed, tried from one address; on without being configured (G30).</summary>
    public const string Failures = "failures";

    private static readonly RateLimit[] Standard =
    [
        new(Login, 1000, TimeSpan.FromMinutes(1), LimitBy.Ip, StoreDownChoice.Local),
        new(Failures, 20, TimeSpan.FromMinutes(5), LimitBy.Ip, StoreDownChoice.Local),
    ];

    /// <summary>Known before anybody is asked who calls, so that it bounds what that costs.</summary>
    public bool IsEarly => By is LimitBy.Ip or LimitBy.Route && Kind == LimitKind.Rate;

    /// <summary>As <c>RateLimit-Policy</c> has it.</summary>
    public string Policy { get; } = $"\"{Name}\";q={Limit};w={(long)Window.TotalSeconds}";

    /// <summary>The configured limits and the gateway's own, by name.</summary>
    public static IReadOnlyDictionary<string, RateLimit> Of(IReadOnlyDictionary<string, RateLimitOptions> options)
    {
        var all = Standard.ToDictionary(l => l.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, o) in options)
            all[name] = new(name, o.Limit, o.Window, o.By, o.WhenStoreIsDown, o.Kind, o.Cost, string.IsNullOrWhiteSpace(o.CostHeader) ? null : o.CostHeader);
        return all;
    }
}
