using OrgGateway.Oidc;
using Yarp.ReverseProxy.Transforms;

namespace OrgGateway.Proxy;

/// <summary>Tells browsers how to treat the applications' answers; values are worked out once.</summary>
public sealed class SecurityHeaders : ResponseTransform
{
    private readonly (string Name, string Value)[] _headers;
    private readonly bool _sets;

    public SecurityHeaders(SecurityHeadersOptions options, IdentityProviders providers)
    {
        _sets = options.Mode == SecurityHeadersMode.Set;
        var issuers = string.Join(' ', providers.All.Select(p => new Uri(p.Options.Issuer).GetLeftPart(UriPartial.Authority)).Distinct(StringComparer.Ordinal));
        var headers = new List<(string Name, string Value)>
        {
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", options.FrameOptions),
            ("Referrer-Policy", options.ReferrerPolicy),
            ("Content-Security-Policy", options.ContentSecurityPolicy.Replace("{issuer}", issuers, StringComparison.Ordinal)),
        };
        _headers = options.Mode == SecurityHeadersMode.Off ? [] : [.. headers.Where(h => h.Value.Length > 0)];
    }

    public override ValueTask ApplyAsync(ResponseTransformContext context)
    {
        var headers = context.HttpContext.Response.Headers;
        foreach (var (name, value) in _headers)
            if (_sets || !headers.ContainsKey(name))
                headers[name] = value;
        return ValueTask.CompletedTask;
    }
}
