using System.Collections.Frozen;
using System.Globalization;
using Microsoft.AspNetCore.Routing.Patterns;
using OrgGateway.Configuration;
using OrgGateway.Limits;
using OrgGateway.Orgs;
using Yarp.ReverseProxy.Configuration;

namespace OrgGateway.Access;

/// <summary>Reads a route's metadata. Whatever is unknown, or known and not enforced by this version, is a fault: no policy is ever silently weaker than written.</summary>
public sealed class RoutePolicyParser(RouteConfig route, Faults faults)
{
    private static readonly string[] Known =
    [
        "Access",
        "Credentials",
        "RateLimit",
        "Token",
        "Org",
        "Roles",
        "Permissions",
        "TokenHeader",
        "TokenScheme",
        "EmailVerified",
        "MaxAuthAge",
        "Acr",
        "Origins",
        "Static",
        "WebSocket",
        "HideExistence",
        "ReportOnly",
        "Assertion",
        "MaxClaimAge",
        "WhenProviderIsDown",
        "Replay",
        "GraphQl",
        "Leak",
    ];

    private static readonly string[] NotEnforced =
    [
    ];

    private readonly string _setting = $"ReverseProxy:Routes:{route.RouteId}:Metadata";
    private readonly IReadOnlyDictionary<string, string> _metadata = route.Metadata ?? FrozenDictionary<string, string>.Empty;

    public RoutePolicy Parse(OrganizationCatalog catalog, IReadOnlyDictionary<string, RateLimit>? known = null)
    {
        CheckNames();
        var limits = Limits(known ?? FrozenDictionary<string, RateLimit>.Empty);
        var isStatic = Flag("Static", false);
        var org = Choice("Org", OrgSource.Path, ("path", OrgSource.Path), ("host", OrgSource.Host), ("none", OrgSource.None));
        var segment = OrgSegmentOf(org);
        var standard = isStatic ? AccessLevel.Public : org == OrgSource.Host || (segment is not null && org == OrgSource.Path) ? AccessLevel.Member : AccessLevel.Authenticated;
        var policy = new RoutePolicy
        {
            RouteId = route.RouteId,
            ClusterId = route.ClusterId ?? "",
            OrgSegment = segment,
            // YARP's reader puts null where a list stands within the list; its validator has a fault for that.
            HostSuffixes = [.. (route.Match.Hosts ?? []).OfType<string>().Where(h => h.StartsWith("*.", StringComparison.Ordinal)).Select(h => h[1..].Split(':')[0])],
            Access = Choice("Access", standard, ("member", AccessLevel.Member), ("authenticated", AccessLevel.Authenticated), ("public", AccessLevel.Public)),
            Org = org,
            Credentials = Credentials(),
            Limits = limits,
            HasEarlyLimits = limits.Exists(l => l.IsEarly),
            HasLateLimits = limits.Exists(l => !l.IsEarly),
            ExchangeFor = ExchangeAudience(),
            Token = ExchangeAudience() is not null ? TokenChoice.Exchange : Choice("Token", "exchange:<audience>", TokenChoice.None, ("none", TokenChoice.None), ("user", TokenChoice.User), ("organization", TokenChoice.Organization), ("user-or-organization", TokenChoice.UserOrOrganization)),
            Roles = [.. List("Roles")],
            Permissions = [.. List("Permissions")],
            TokenHeader = Get("TokenHeader") ?? "Authorization",
            TokenPrefix = Get("TokenScheme") is { } scheme ? (scheme.Length == 0 ? "" : scheme + " ") : "Bearer ",
            Origins = List("Origins").ToFrozenSet(StringComparer.Ordinal),
            Static = isStatic,
            WebSocket = Choice("WebSocket", WebSocketRule.Allow, ("allow", WebSocketRule.Allow), ("require", WebSocketRule.Require), ("deny", WebSocketRule.Deny)),
            HideExistence = Flag("HideExistence", false),
            ReportOnly = Flag("ReportOnly", false),
            EmailVerified = Flag("EmailVerified", false),
            StepUp = ReadStepUp(),
            Assertion = Choice("Assertion", true, ("on", true), ("off", false)),
            MaxClaimAge = Duration("MaxClaimAge", TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            ServesWithoutProvider = Choice("WhenProviderIsDown", false, ("refuse", false), ("serve", true)),
            Replay = Choice("Replay", true, ("on", true), ("off", false)),
            GraphQl = Codes(),
            LeakGuard = Choice("Leak", true, ("headers", true), ("off", false)),
        };
        CheckWhole(policy, catalog);
        return policy;
    }

    private void CheckNames()
    {
        foreach (var (name, value) in _metadata)
        {
            if (Known.Contains(name, StringComparer.OrdinalIgnoreCase))
                continue;
            if (!NotEnforced.Contains(name, StringComparer.OrdinalIgnoreCase))
                faults.Add($"{_setting}:{name}", Unknown(name));
            else
                faults.Add($"{_setting}:{name}", "this version does not enforce it; leave it out");
        }
    }

    private static string Unknown(string name) => Nearest.To(name, Known) is null
        ? ShapeCheck.Unknown(name, Known)
        : $"{ShapeCheck.Unknown(name, Known)} Allowed are {string.Join(", ", Known.Order(StringComparer.Ordinal))}";

    private void CheckWhole(RoutePolicy policy, OrganizationCatalog catalog)
    {
        if (policy.Access == AccessLevel.Member && !policy.NeedsOrg)
            faults.Add(_setting + ":Access", "'member' needs an organization: {org} in the route's path, or Org 'host'");
        if (policy is { Access: AccessLevel.Member, Org: OrgSource.Path, OrgSegment: null })
            faults.Warn(_setting + ":Access", "'member' without {org} in the path: pages are sent to the choice of an organization, everything else is refused");
        if (policy.Org == OrgSource.Host && policy.HostSuffixes.Count == 0 && !catalog.HasHosts)
            faults.Add(_setting + ":Org", "'host' needs Gateway:Organizations:<slug>:Hosts, or a wildcard such as *.example.com in the route's Match:Hosts");
        if (policy.Roles.Length + policy.Permissions.Length > 0 && policy.Access != AccessLevel.Member)
            faults.Add(_setting, "Roles and Permissions hold within an organization: they need Access 'member'");
        foreach (var role in policy.Roles.Where(r => !catalog.KnowsRole(r)))
            faults.Warn(_setting + ":Roles", $"'{role}' is not under Gateway:Roles; only claims can bring it");
        if (policy.Static && (policy.Access != AccessLevel.Public || policy.Token != TokenChoice.None))
            faults.Add(_setting + ":Static", "a static route is public and takes no token; leave Access and Token out");
        if (policy.EmailVerified && policy.Access == AccessLevel.Public)
            faults.Add(_setting + ":EmailVerified", "needs a sign-in; the route is public");
        if (policy.MaxClaimAge is not null && policy.Access == AccessLevel.Public)
            faults.Add(_setting + ":MaxClaimAge", "needs a sign-in; the route is public");
        if (policy.ServesWithoutProvider && policy.Access == AccessLevel.Public)
            faults.Add(_setting + ":WhenProviderIsDown", "needs a sign-in; the route is public");
        if (policy.Token == TokenChoice.Exchange && (policy.Access == AccessLevel.Public || policy.ExchangeFor is not { Length: > 0 and <= 256 }))
            faults.Add(_setting + ":Token", "'exchange:<audience>' needs an audience of at most 256 characters and a route with a sign-in");
        if (policy.StepUp is not null && policy.Access == AccessLevel.Public)
            faults.Add(_setting, "MaxAuthAge and Acr need a sign-in; the route is public");
        if (policy.Token == TokenChoice.User && policy.Access == AccessLevel.Public && !policy.Static)
            faults.Warn(_setting + ":Token", "'user' on a public route: who is not signed in is forwarded without a token");
        if (policy.Token == TokenChoice.Exchange && policy.Credentials != CredentialKinds.Session)
            faults.Add(_setting + ":Credentials", "a token is exchanged for that of a session; leave bearer and apikey out");
        if (policy.Token == TokenChoice.User && policy.Credentials.HasFlag(CredentialKinds.ApiKey))
            faults.Warn(_setting + ":Token", "an API key brings no user's token: its requests are forwarded without one; 'user-or-organization' gives them the organization's");
        if (policy.Static && policy.Credentials != CredentialKinds.Session)
            faults.Add(_setting + ":Credentials", "a static route asks nobody for any; leave it out");
        if (policy.GraphQl is not null && (policy.Token == TokenChoice.None || !policy.Replay))
            faults.Warn(_setting + ":GraphQl", "says when a request is sent again with another token: without a Token, or with Replay 'off', it does nothing");
        if (TokenHeader.Fault(policy.TokenHeader) is { } header)
            faults.Add(_setting + ":TokenHeader", header);
        if (!TokenHeader.IsScheme(policy.TokenPrefix))
            faults.Add(_setting + ":TokenScheme", "visible ASCII such as Bearer or JWT, at most 64 characters, or empty");
        foreach (var origin in policy.Origins.Where(o => o != RoutePolicy.AnyOrigin && !IsOrigin(o)))
            faults.Add(_setting + ":Origins", $"'{origin}' is not an origin such as https://app.example.com");
        if (policy.Token is TokenChoice.Organization or TokenChoice.UserOrOrganization)
        {
            if (!policy.NeedsOrg)
                faults.Add(_setting + ":Token", "an organization's token needs {org} in the route's path");
            if (catalog.DefaultToken is null && catalog.All.All(o => o.Token is null))
                faults.Add(_setting + ":Token", $"route '{route.RouteId}' needs a token source: Gateway:Organizations:<slug>:Token, or Gateway:OrganizationTokens:Default for all");
        }
    }

    private List<RateLimit> Limits(IReadOnlyDictionary<string, RateLimit> known)
    {
        var limits = new List<RateLimit>();
        foreach (var name in List("RateLimit"))
            if (known.TryGetValue(name, out var limit))
                limits.Add(limit);
            else
                faults.Add(_setting + ":RateLimit", $"'{name}' is not under {RateLimitOptions.Section}; there are {(known.Count == 0 ? "none" : string.Join(", ", known.Keys.Order(StringComparer.Ordinal)))}");
        return limits;
    }

    private CredentialKinds Credentials()
    {
        var kinds = CredentialKinds.None;
        foreach (var name in List("Credentials"))
            kinds |= name.ToLowerInvariant() switch
            {
                "session" => CredentialKinds.Session,
                "bearer" => CredentialKinds.Bearer,
                "apikey" => CredentialKinds.ApiKey,
                _ => Unknown(name),
            };
        return kinds == CredentialKinds.None ? CredentialKinds.Session : kinds;

        CredentialKinds Unknown(string name)
        {
            faults.Add(_setting + ":Credentials", $"'{name}' is not available; allowed is a list of session, bearer, apikey");
            return CredentialKinds.None;
        }
    }

    private StepUp? ReadStepUp()
    {
        var age = default(string);
        if (Get("MaxAuthAge") is { } text)
        {
            if (!TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var maxAge) || maxAge < TimeSpan.FromSeconds(1) || maxAge > TimeSpan.FromDays(365))
                faults.Add(_setting + ":MaxAuthAge", $"'{text}' is not a time from 00:00:01 to 365.00:00:00");
            else
                age = StepUp.Seconds(maxAge);
        }
        var acr = string.Join(' ', List("Acr"));
        var stepUp = StepUp.TryParse(age, acr);
        if (acr.Length > 0 && stepUp?.Acr is null)
            faults.Add(_setting + ":Acr", "a comma list of authentication context classes: visible ASCII without quotes, at most 256 characters");
        return stepUp;
    }

    private string? Get(string name) => _metadata.FirstOrDefault(m => m.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value?.Trim();

    private string[] List(string name)
    {
        if (Get(name) is not { } text)
            return [];
        var items = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (items.Length == 0)
            faults.Add($"{_setting}:{name}", "is empty, which would ask for nothing; name at least one, or leave it out");
        return items;
    }

    private GraphQlCodes? Codes()
    {
        if (!GraphQlCodes.TryParse(Get("GraphQl"), out var codes))
            faults.Add(_setting + ":GraphQl", "allowed are off, kraken, apollo, or a list of error codes: letters, digits, '-', '_' and '.'");
        return codes;
    }

    private bool Flag(string name, bool standard) => Choice(name, standard, ("true", true), ("false", false));

    private string? ExchangeAudience() =>
        Get("Token") is { } token && token.StartsWith("exchange:", StringComparison.OrdinalIgnoreCase) ? token["exchange:".Length..].Trim() : null;

    private TimeSpan? Duration(string name, TimeSpan least, TimeSpan most)
    {
        if (Get(name) is not { } text)
            return null;
        if (!TimeSpan.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var duration) || duration < least || duration > most)
        {
            faults.Add($"{_setting}:{name}", $"'{text}' is no duration from {least:c} to {most:c} (days.hours:minutes:seconds, such as 00:00:30)");
            return null;
        }
        return duration;
    }

    private T Choice<T>(string name, T standard, params ReadOnlySpan<(string Text, T Value)> allowed) => Choice(name, null, standard, allowed);

    /// <param name="more">What else is allowed, and read elsewhere.</param>
    private T Choice<T>(string name, string? more, T standard, params ReadOnlySpan<(string Text, T Value)> allowed)
    {
        if (Get(name) is not { } text)
            return standard;
        foreach (var (known, value) in allowed)
            if (known.Equals(text, StringComparison.OrdinalIgnoreCase))
                return value;
        var names = new List<string>();
        foreach (var (known, _) in allowed)
            names.Add(known);
        if (more is not null)
            names.Add(more);
        faults.Add($"{_setting}:{name}", $"'{text}' is not available; allowed are {string.Join(", ", names)}");
        return standard;
    }

    // Routing knows a parameter in any case, and in the midst of a segment or as the rest of the path too. What only looks like {org} must
    // not leave a route without the membership that {org} stands for.
    private int? OrgSegmentOf(OrgSource source)
    {
        var segments = Segments(route.Match.Path);
        var at = Array.FindIndex(segments, IsOrg);
        if (at < 0)
            return null;
        if (segments[at].Parts is [RoutePatternParameterPart { IsCatchAll: false }])
            return at;
        if (source == OrgSource.Path)
            faults.Add($"ReverseProxy:Routes:{route.RouteId}:Match:Path", "{org} must be a segment of its own, as in /orgs/{org}/{**rest}");
        return null;
    }

    private static bool IsOrg(RoutePatternPathSegment segment) =>
        segment.Parts.Any(part => part is RoutePatternParameterPart parameter && parameter.Name.Equals("org", StringComparison.OrdinalIgnoreCase));

    // A path that is no pattern is a fault of YARP's own.
    private static RoutePatternPathSegment[] Segments(string? path)
    {
        try
        {
            return path is null ? [] : [.. RoutePatternFactory.Parse(path).PathSegments];
        }
        catch (RoutePatternException)
        {
            return [];
        }
    }

    private static bool IsOrigin(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == text;
}
