using OrgGateway.Configuration;

namespace OrgGateway.Proxy;

public enum SecurityHeadersMode
{
    /// <summary>Where the application says nothing.</summary>
    Append,

    /// <summary>In place of what the application says.</summary>
    Set,
    Off,
}

/// <summary><c>Gateway:SecurityHeaders</c>: what answers of the applications tell browsers. The gateway's own pages have stricter ones of their own.</summary>
public sealed class SecurityHeadersOptions
{
    public const string DefaultReferrerPolicy = "strict-origin-when-cross-origin";
    public const string Section = "Gateway:SecurityHeaders";

    /// <summary>Default <c>Append</c>.</summary>
    public SecurityHeadersMode Mode { get; init; }

    /// <summary>Content-Security-Policy; <c>{issuer}</c> stands for the origins of the identity providers. Default <c>frame-ancestors 'none'; base-uri 'self'; object-src 'none'</c>; empty: none.</summary>
    public string ContentSecurityPolicy { get; init; } = "frame-ancestors 'none'; base-uri 'self'; object-src 'none'";

    /// <summary>X-Frame-Options. Default <c>DENY</c>; empty: none.</summary>
    public string FrameOptions { get; init; } = "DENY";

    /// <summary>Referrer-Policy, of redirects in place of an application's answer too. Default <c>strict-origin-when-cross-origin</c>; empty: none, but for redirects the default.</summary>
    public string ReferrerPolicy { get; init; } = DefaultReferrerPolicy;

    public void Check(Faults faults)
    {
        foreach (var (name, value) in new[] { ("ContentSecurityPolicy", ContentSecurityPolicy), ("FrameOptions", FrameOptions), ("ReferrerPolicy", ReferrerPolicy) })
            if (value.Length > 4096 || value.Any(c => c is < ' ' or > '~'))
                faults.Add($"{Section}:{name}", "is no header value: at most 4096 visible ASCII characters and blanks");
    }
}
