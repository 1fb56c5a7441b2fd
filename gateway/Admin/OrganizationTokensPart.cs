using OrgGateway.Answers;
using OrgGateway.OrgTokens;
using OrgGateway.Orgs;

namespace OrgGateway.Admin;

/// <summary>Organizations' own tokens: age, end, last error, and a refresh. Never a token.</summary>
public sealed class OrganizationTokensPart(OrganizationTokens tokens, CurrentCatalog catalog) : IAdminPart, IConsolePage
{
    public string Path => "org-tokens";
    public string Title => "Organization tokens";
    public bool Refreshes => true;

    public void Map(RouteGroupBuilder admin)
    {
        admin.MapMethods("/org-tokens", OwnEndpoints.Read, (RequestDelegate)(async context => await AdminAnswer.OkAsync(context, new { items = await tokens.ListAsync(context.RequestAborted) })));
        admin.MapPost("/org-tokens/refresh", (RequestDelegate)RefreshAllAsync);
        admin.MapPost("/org-tokens/{org}/refresh", (RequestDelegate)RefreshOneAsync);
    }

    public async Task WriteAsync(ConsoleHtml html, HttpRequest request, CancellationToken cancellationToken) =>
        html.Heading("Tokens of organizations").Table(
            ["Organization", "Source", "Ends", "Age", "Last error", "When", ""],
            (await tokens.ListAsync(cancellationToken)).Select(t => (IReadOnlyList<object?>)[
                t.Organization, t.Source, t.ExpiresAt, t.Age is { } age ? age.ToString(@"d\.hh\:mm\:ss", null) : null, t.LastError, t.LastErrorAt,
                html.Button("org-tokens/do/refresh", "Refresh", $"token of {t.Organization}", ("org", t.Organization)),
            ]));

    public async Task<string?> ActAsync(string action, IFormCollection form, CancellationToken cancellationToken)
    {
        if (action != "refresh" || Find(form["org"].ToString()) is not { } organization)
            return null;
        var status = await tokens.RefreshAsync(organization, cancellationToken);
        return status.Refreshed ? $"{status.Organization} has a new token." : $"No new token for {status.Organization}: {status.LastError ?? "unavailable"}.";
    }

    private async Task RefreshOneAsync(HttpContext context)
    {
        var org = (string)context.Request.RouteValues["org"]!;
        await (Find(org) is { } organization
            ? AdminAnswer.OkAsync(context, await tokens.RefreshAsync(organization, context.RequestAborted))
            : AdminAnswer.ProblemAsync(context, AdminAnswer.Unknown("organization with a token source")));
    }

    private async Task RefreshAllAsync(HttpContext context)
    {
        var refreshed = new List<OrganizationTokenStatus>();
        foreach (var organization in catalog.Value.All.Where(o => o.Token is not null))
            refreshed.Add(await tokens.RefreshAsync(organization, context.RequestAborted));
        await AdminAnswer.OkAsync(context, new { items = refreshed });
    }

    private Organization? Find(string org) => catalog.Value.Find(org) is { Token: not null } organization ? organization : null;
}
