using System.Diagnostics.Metrics;
using OrgGateway.Orgs;
using OrgGateway.Telemetry;

namespace OrgGateway.OrgTokens;

/// <summary>How organizations' tokens are had. Tagged by configured organizations only: those of claims are one.</summary>
public static class OrganizationTokenMetrics
{
    private static readonly Counter<long> Mints = GatewayMeter.Instance.CreateCounter<long>("orggateway.org_tokens.mints", description: "Tokens asked for at issuers, by organization, source and result (minted, refused, unavailable)");
    private static readonly Histogram<double> Waits = GatewayMeter.Instance.CreateHistogram<double>("orggateway.org_tokens.wait", "s", "What a request waited for an organization's token, by path (cache, mint, replay)");

    public static void Minted(Organization organization, OrganizationTokenSource source) => Count(organization, source, "minted");

    public static void Failed(Organization organization, OrganizationTokenSource source, string result) => Count(organization, source, result);

    /// <summary>Whether anybody reads the histogram: without one a warm request does not even look at the clock.</summary>
    public static bool WaitIsRead => Waits.Enabled;

    public static void Waited(TimeSpan wait, TokenPath path) => Waits.Record(wait.TotalSeconds, new KeyValuePair<string, object?>("path", path switch
    {
        TokenPath.Cache => "cache",
        TokenPath.Mint => "mint",
        _ => "replay",
    }));

    /// <summary>Seconds to the end of every token that this replica holds; negative once it is over.</summary>
    internal static void Observe(Func<IEnumerable<Measurement<double>>> expiries) =>
        GatewayMeter.Instance.CreateObservableGauge("orggateway.org_tokens.seconds_to_expiry", expiries, "s", "Seconds until the organization's token ends");

    internal static string TagOf(Organization organization) => organization.IsConfigured ? organization.Slug : "(of claims)";

    private static void Count(Organization organization, OrganizationTokenSource source, string result) =>
        Mints.Add(1, new("org", TagOf(organization)), new("source", source.ToString()), new("result", result));
}
