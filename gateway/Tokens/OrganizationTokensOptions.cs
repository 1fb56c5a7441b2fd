using OrgGateway.Configuration;
using OrgGateway.Orgs;

namespace OrgGateway.Tokens;

/// <summary><c>Gateway:OrganizationTokens</c>.</summary>
[Reserved("CronSecret", "Default")]
public sealed class OrganizationTokensOptions
{
    public const string Section = "Gateway:OrganizationTokens";

    /// <summary>How long before its end a token is minted anew, behind the requests. 1 second to 1 hour; default 5 minutes.</summary>
    public TimeSpan RefreshBefore { get; init; } = TimeSpan.FromMinutes(5);

    public void Check(Faults faults) => faults.Range(Section + ":RefreshBefore", RefreshBefore, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));

    public static void CheckSource(string slug, OrganizationTokenOptions source, bool development, Faults faults)
    {
        var setting = $"Gateway:Organizations:{slug}:Token";
        faults.Require(setting + ":ClientId", source.ClientId, "the client that stands for this organization");
        faults.Require(setting + ":ClientSecret", source.ClientSecret, "the client's secret");
        if (source.TokenEndpoint is { Length: > 0 } endpoint
            && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var url) && (url.Scheme == "https" || (url.Scheme == "http" && (url.IsLoopback || development)))))
            faults.Add(setting + ":TokenEndpoint", "not an https URL (http only on loopback or in Development)");
    }
}
