using OrgGateway.Configuration;
using OrgGateway.Orgs;

namespace OrgGateway.OrgTokens;

/// <summary><c>Gateway:OrganizationTokens</c>.</summary>
public sealed class OrganizationTokensOptions
{
    public const string Section = "Gateway:OrganizationTokens";
    private const int ShortestSecret = 16;

    /// <summary>
    /// How long before its end, and at the latest 55 minutes after it was had, a token is minted anew, behind the requests. Where this
    /// is more than half of a token's life, a fifth of that life. 1 second to 1 hour; default 5 minutes.
    /// </summary>
    public TimeSpan RefreshBefore { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What a schedule presents at <c>/auth/org-tokens/refresh</c>: at least 16 characters. Default none: the endpoint refuses everybody.</summary>
    public string? CronSecret { get; init; }

    /// <summary>The source of every organization that has none of its own, and what those with one leave out.</summary>
    public OrganizationTokenOptions? Default { get; init; }

    /// <summary>Says in <c>Server-Timing: gw-token;desc=...</c> how a response came by its token: cached, minted or replayed. Default false.</summary>
    public bool ServerTiming { get; init; }

    public void Check(bool development, Faults faults)
    {
        faults.Range(Section + ":RefreshBefore", RefreshBefore, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        if (CronSecret is { Length: > 0 and < ShortestSecret })
            faults.Add(Section + ":CronSecret", $"shorter than {ShortestSecret} characters");
        if (Default is not null)
            new OrganizationTokenCheck(Section + ":Default", Default, development, faults).CheckShape();
    }

    /// <summary>Judges an organization's source as it will be used, with the default's settings in it.</summary>
    public void CheckOrganization(string slug, OrganizationTokenOptions? own, bool development, Faults faults)
    {
        if (own is null && Default is null)
            return;
        var effective = own is null ? Default! : own.Over(Default);
        var check = new OrganizationTokenCheck($"Gateway:Organizations:{slug}:Token", effective, development, faults);
        if (own is not null)
            check.CheckShape();
        check.CheckComplete();
    }
}
