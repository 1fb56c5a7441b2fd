using System.Net;
using OrgGateway.Access;
using OrgGateway.Configuration;
using OrgGateway.Oidc;
using OrgGateway.Orgs;
using OrgGateway.OrgTokens;
using Yarp.ReverseProxy.Configuration;

namespace OrgGateway.Hosting;

/// <summary>Judges a configuration as a whole; the same judgement at start, at every reload and in <c>check</c>.</summary>
public sealed class ConfigurationCheck(bool development)
{
    /// <summary>The configuration as parsed, or null where <paramref name="faults"/> has any.</summary>
    public CheckedConfiguration? Run(IConfiguration configuration, Faults faults)
    {
        configuration = Preset.Beneath(configuration, IdentityProviders.Section);
        configuration = Preset.Beneath(configuration, Bearer.BearerIssuerOptions.Section, nameof(Bearer.BearerIssuerOptions.Claims));
        var section = configuration.GetSection(GatewayOptions.Section);
        ShapeCheck.Check(section, typeof(GatewayOptions), faults);
        var options = WithoutFaults(configuration, faults).GetSection(GatewayOptions.Section).Get<GatewayOptions>() ?? new GatewayOptions();
        CheckOrigins(options, faults);
        CheckProxies(options, faults);
        options.Store.Check(faults);
        options.Encryption.Check(required: options.Store.Kind == Storage.StoreKind.Redis, isWarned: !development && !IsLoopback(options.PublicOrigin), faults);
        options.Sessions.Check(faults);
        options.Sessions.CheckHosts([options.PublicOrigin, .. options.AdditionalOrigins], faults);
        options.Assertion.Check(faults);
        options.Sockets.Check(faults);
        options.SharedSignals.Check(options.IdentityProviders, development, faults);
        options.Scim.Check(options.IdentityProviders, faults);
        options.OrganizationTokens.Check(development, faults);
        options.Branding.Check("Gateway:Branding", faults);
        options.Management.Check(faults);
        ListenAddresses.Check(configuration, options.Management.Url, faults);
        options.Https.Check(options.PublicOrigin?.StartsWith("https://", StringComparison.OrdinalIgnoreCase) == true, options.TrustedProxies.Count > 0, faults);
        options.Logging.Check(faults);
        options.Telemetry.Check(faults);
        options.OrganizationDirectory.Check(faults);
        CheckProviders(options, faults);
        options.ApiKeys.Check(faults);
        options.Webhooks.Check(development, faults);
        options.SecurityHeaders.Check(faults);
        Limits.RateLimitOptions.Check(options.RateLimits, faults);
        Bearer.BearerTokens.Check(options.BearerIssuers, options.IdentityProviders.Keys, development, faults);
        CheckOrganizations(options, faults);
        var (routes, policies) = CheckRoutes(configuration.GetSection("ReverseProxy"), options, faults);
        CheckAnyProvider(options, policies.Values, faults);
        return faults.Any ? null : new CheckedConfiguration(options, routes, policies);
    }

    // The binder throws at the first value it cannot read. What is known to be bad is left out, so that the rest is judged too.
    private static IConfiguration WithoutFaults(IConfiguration configuration, Faults faults)
    {
        if (!faults.Any)
            return configuration;
        var bad = faults.Settings;
        return Settings.Of(configuration.AsEnumerable().Where(pair =>
            pair.Value is not null && !bad.Any(b => pair.Key.Equals(b, StringComparison.OrdinalIgnoreCase) || pair.Key.StartsWith(b + ":", StringComparison.OrdinalIgnoreCase))));
    }

    private void CheckOrigins(GatewayOptions options, Faults faults)
    {
        faults.Require("Gateway:PublicOrigin", options.PublicOrigin, "the scheme and host browsers use, such as https://app.example.com");
        if (!string.IsNullOrWhiteSpace(options.PublicOrigin))
            CheckOrigin("Gateway:PublicOrigin", options.PublicOrigin, faults);
        for (var i = 0; i < options.AdditionalOrigins.Count; i++)
            CheckOrigin($"Gateway:AdditionalOrigins:{i}", options.AdditionalOrigins[i], faults);
        if (options.AuthPath.Length < 2 || options.AuthPath[0] != '/' || options.AuthPath[^1] == '/' || !options.AuthPath.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_'))
            faults.Add("Gateway:AuthPath", "a path such as /auth: letters, digits, '-', '_' and '/', without a slash at its end");
    }

    private void CheckOrigin(string setting, string text, Faults faults)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.PathAndQuery is not "/" || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
            faults.Add(setting, $"'{text}' is not an origin: scheme and host, such as https://app.example.com, and nothing behind them");
        else if (url.Scheme == "http" && !url.IsLoopback && !development)
            faults.Add(setting, "http is for loopback addresses and Development only: cookies and tokens would travel in the clear");
    }

    // What is sealed with a key of the process ends with it, as the sessions of the Memory store do anyway; the assertion's keys do so
    // too, which others have fetched. On this machine's own address, as in the demo, nobody minds.
    private static bool IsLoopback(string? origin) => Uri.TryCreate(origin, UriKind.Absolute, out var url) && url.IsLoopback;

    private static void CheckProxies(GatewayOptions options, Faults faults)
    {
        for (var i = 0; i < options.TrustedProxies.Count; i++)
            if (!IPNetwork.TryParse(options.TrustedProxies[i], out _) && !IPAddress.TryParse(options.TrustedProxies[i], out _))
                faults.Add($"Gateway:TrustedProxies:{i}", $"'{options.TrustedProxies[i]}' is neither an address nor a network such as 10.0.0.0/8");
    }

    private void CheckProviders(GatewayOptions options, Faults faults)
    {
        // The providers are judged whatever the origin is; only what depends on its scheme then has to guess.
        var soundOrigin = !faults.Settings.Any(f => f.StartsWith("Gateway:PublicOrigin", StringComparison.OrdinalIgnoreCase) || f.StartsWith("Gateway:AdditionalOrigins", StringComparison.OrdinalIgnoreCase));
        var site = soundOrigin ? options.ToSite() : new Site(new Uri("https://unknown.invalid"), [], "/auth");
        IdentityProviders.Check(options.IdentityProviders, options.DefaultIdentityProvider, site, development, faults);
    }

    private static void CheckAnyProvider(GatewayOptions options, IEnumerable<RoutePolicy> policies, Faults faults)
    {
        var routes = policies.ToList();
        IdentityProviders.CheckAny(options.IdentityProviders, routes.Count == 0 || routes.Exists(r => r.Access != AccessLevel.Public && r.Credentials.HasFlag(CredentialKinds.Session)), faults);
        if (options.IdentityProviders.Count > 0)
            return;
        if (options.Scim.Token is not null)
            faults.Add("Gateway:Scim:Token", "needs an identity provider whose people it is about");
        foreach (var organization in options.ToCatalog().All.Where(o => o.Token is { Source: OrganizationTokenSource.ClientCredentials, TokenEndpoint: not { Length: > 0 } }))
            faults.Add($"Gateway:Organizations:{organization.Slug}:Token:TokenEndpoint", "missing; there is no identity provider whose token endpoint it could be");
    }

    private void CheckOrganizations(GatewayOptions options, Faults faults)
    {
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        var domains = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (slug, organization) in options.Organizations)
        {
            var setting = $"Gateway:Organizations:{slug}";
            if (!OrgSegment.IsValid(slug))
                faults.Add(setting, "a slug has letters, digits, '-', '_' and '.', starts with a letter or digit and has at most 128 characters");
            foreach (var name in new[] { slug, organization.Id ?? slug }.Distinct(StringComparer.Ordinal))
                if (!taken.TryAdd(name, slug))
                    faults.Add(setting, $"'{name}' already names organization '{taken[name]}'");
            CheckNames(options, slug, organization, faults);
            foreach (var domain in organization.EmailDomains)
            {
                if (!EmailDomain.IsValid(domain))
                    faults.Add(setting + ":EmailDomains", $"'{domain}' is no domain such as acme.com");
                if (!domains.TryAdd(domain, slug))
                    faults.Add(setting + ":EmailDomains", $"'{domain}' already leads to organization '{domains[domain]}'");
            }
            if (organization.IdentityProvider is { } provider && !options.IdentityProviders.ContainsKey(provider))
                faults.Add(setting + ":IdentityProvider", $"'{provider}' is not under Gateway:IdentityProviders");
            options.OrganizationTokens.CheckOrganization(slug, organization.Token, development, faults);
        }
    }

    private static void CheckNames(GatewayOptions options, string slug, OrganizationOptions organization, Faults faults)
    {
        var setting = $"Gateway:Organizations:{slug}";
        for (var i = 0; i < organization.FormerSlugs.Count; i++)
        {
            var former = organization.FormerSlugs[i];
            if (!OrgSegment.IsValid(former))
                faults.Add($"{setting}:FormerSlugs:{i}", $"'{former}' could never have been a slug");
            foreach (var (other, its) in options.Organizations)
                if (other == former || its.Id == former || (other != slug && its.FormerSlugs.Contains(former, StringComparer.Ordinal)))
                    faults.Add($"{setting}:FormerSlugs:{i}", $"'{former}' names organization '{other}': an old link would lead to another one");
        }
        for (var i = 0; i < organization.Hosts.Count; i++)
        {
            var host = organization.Hosts[i];
            if (Uri.CheckHostName(host) is UriHostNameType.Unknown or UriHostNameType.Basic || host.EndsWith('.'))
                faults.Add($"{setting}:Hosts:{i}", $"'{host}' is not a host name such as acme.example.com, without port or path");
            foreach (var (other, its) in options.Organizations)
                if (other != slug && its.Hosts.Contains(host, StringComparer.OrdinalIgnoreCase))
                    faults.Add($"{setting}:Hosts:{i}", $"'{host}' is also of organization '{other}'");
        }
    }

    private static (IReadOnlyList<RouteConfig> Routes, IReadOnlyDictionary<string, RoutePolicy> Policies) CheckRoutes(IConfigurationSection section, GatewayOptions options, Faults faults)
    {
        var routes = RouteSection.Read(section, faults);
        var catalog = options.ToCatalog();
        var limits = Limits.RateLimit.Of(options.RateLimits);
        var policies = new Dictionary<string, RoutePolicy>(StringComparer.OrdinalIgnoreCase);
        foreach (var route in routes)
        {
            if (route.Match.Path is { } path && path.StartsWith(options.AuthPath + "/", StringComparison.OrdinalIgnoreCase))
                faults.Add($"ReverseProxy:Routes:{route.RouteId}:Match:Path", $"{options.AuthPath}/ belongs to the gateway itself (Gateway:AuthPath)");
            var policy = policies[route.RouteId] = new RoutePolicyParser(route, faults).Parse(catalog, limits);
            if (policy.Credentials.HasFlag(CredentialKinds.Bearer) && options.BearerIssuers.Count == 0)
                faults.Add($"ReverseProxy:Routes:{route.RouteId}:Metadata:Credentials", "bearer needs an issuer under Gateway:BearerIssuers (or AUTH_ISSUER and AUTH_AUDIENCE)");
        }
        if (routes.Count == 0 && !section.GetSection("Routes").GetChildren().Any()) // rather than some that cannot be read
            faults.Warn("ReverseProxy:Routes", "none: every path but the gateway's own answers 404");
        return (routes, policies);
    }
}

/// <summary>A configuration without faults.</summary>
public sealed record CheckedConfiguration(GatewayOptions Options, IReadOnlyList<RouteConfig> Routes, IReadOnlyDictionary<string, RoutePolicy> Policies);
