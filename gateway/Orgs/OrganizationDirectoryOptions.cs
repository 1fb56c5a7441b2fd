using OrgGateway.Configuration;

namespace OrgGateway.Orgs;

/// <summary><c>Gateway:OrganizationDirectory</c>: where slugs and ids of organizations come from.</summary>
public sealed class OrganizationDirectoryOptions
{
    public const string Section = "Gateway:OrganizationDirectory";
    private static readonly string[] Known = ["config", "claims", "store", "http"];

    /// <summary>
    /// Any of <c>config</c> (<c>Gateway:Organizations</c>), <c>claims</c> (organizations that only a provider names), <c>store</c> (kept by
    /// the admin API, and slugs once seen in claims) and <c>http</c> (<see cref="Url"/>). Default config, claims, store.
    /// </summary>
    public List<string> Sources { get; init; } = [];

    /// <summary>
    /// Look-up service of the source <c>http</c>: an http or https URL with <c>{org}</c>, which becomes the slug or id looked up. It answers
    /// 200 with JSON <c>{ "id", "slug", "name" }</c>, or 404.
    /// </summary>
    public string? Url { get; init; }

    /// <summary>Sent to the look-up service as bearer token; secret.</summary>
    public string? Token { get; init; }

    /// <summary>How long an answer, "unknown" included, is used before it is asked for again. 1 second to 1 hour; default 5 minutes.</summary>
    public TimeSpan CacheFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Bound of one look-up. 50 milliseconds to 30 seconds; default 2 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Most look-ups a second that go to the store or the service; what is beyond is answered 503. 1 to 10,000; default 100.</summary>
    public int LookupsPerSecond { get; init; } = 100;

    public bool Uses(string source) => Sources.Count == 0 ? source != "http" : Sources.Contains(source, StringComparer.OrdinalIgnoreCase);

    public void Check(Faults faults)
    {
        for (var i = 0; i < Sources.Count; i++)
            if (!Known.Contains(Sources[i], StringComparer.OrdinalIgnoreCase))
                faults.Add($"{Section}:Sources:{i}", ShapeCheck.Unknown(Sources[i], Known));
        if (Uses("http"))
            faults.Require(Section + ":Url", Url, "the source 'http' looks organizations up there; with {org} in it");
        if (!string.IsNullOrWhiteSpace(Url)
            && (!Url.Contains("{org}", StringComparison.Ordinal) || !Uri.TryCreate(Url.Replace("{org}", "x", StringComparison.Ordinal), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")))
            faults.Add(Section + ":Url", "not an http or https URL with {org} in it");
        else if (!string.IsNullOrWhiteSpace(Url) && !Uses("http"))
            faults.Warn(Section + ":Url", "not used: 'http' is not among Sources");
        faults.Range(Section + ":CacheFor", CacheFor, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        faults.Range(Section + ":Timeout", Timeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(30));
        faults.Range(Section + ":LookupsPerSecond", LookupsPerSecond, 1, 10_000);
    }
}
