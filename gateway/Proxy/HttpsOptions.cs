using OrgGateway.Configuration;

namespace OrgGateway.Proxy;

/// <summary><c>Gateway:Https</c>: what browsers are told about https, where the public origin is https. A proxy in front ends TLS.</summary>
public sealed class HttpsOptions
{
    public const string Section = "Gateway:Https";

    /// <summary>
    /// Strict-Transport-Security's <c>max-age</c> (RFC 6797), on answers to requests that came by https. 0 (no header) to 730 days;
    /// default 30 days.
    /// </summary>
    public TimeSpan Hsts { get; init; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Send what came by http to the same place by https (308). Needs the proxy in front under <c>TrustedProxies</c>, or every request
    /// looks like http. Default false.
    /// </summary>
    public bool Redirect { get; init; }

    public void Check(bool originIsHttps, bool hasTrustedProxies, Faults faults)
    {
        faults.Range(Section + ":Hsts", Hsts, TimeSpan.Zero, TimeSpan.FromDays(730));
        if (!Redirect)
            return;
        if (!originIsHttps)
            faults.Add(Section + ":Redirect", "Gateway:PublicOrigin is not https, so there is nowhere to redirect to");
        else if (!hasTrustedProxies)
            faults.Warn(Section + ":Redirect", "without Gateway:TrustedProxies a request counts as https only where the gateway itself ends TLS");
    }
}
