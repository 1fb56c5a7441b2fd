using OrgGateway.Orgs;
using OrgGateway.OrgTokens;

namespace OrgGateway.Admin;

/// <summary><c>/admin/v1/org-tokens</c>: ends, ages and failures of the organizations' tokens, never a token; and new ones on demand.</summary>
public sealed class OrganizationTokensPart(OrganizationTokens tokens, CurrentCatalog catalog) : IAdminPart
{
    public void Map(RouteGroupBuilder admin)
    {
        admin.MapGet("/org-tokens", (RequestDelegate)ListAsync);
        admin.MapPost("/org-tokens/refresh", (RequestDelegate)(context => RefreshAsync(context, null)));
        admin.MapPost("/org-tokens/{org}/refresh", (RequestDelegate)(context => RefreshAsync(context, context.Request.RouteValues["org"] as string)));
    }

    private async Task ListAsync(HttpContext context) => await AdminAnswer.OkAsync(context, new { items = (await tokens.ListAsync(context.RequestAborted)).Select(Shown) });

    private async Task RefreshAsync(HttpContext context, string? org)
    {
        var organizations = catalog.Value.All.Where(o => o.Token is not null && (org is null || o.Slug == org || o.Id == org)).ToList();
        if (org is not null && organizations.Count == 0)
        {
            await AdminAnswer.ProblemAsync(context, AdminAnswer.Unknown("organization with a token source"));
            return;
        }
        await AdminAnswer.OkAsync(context, new { items = (await tokens.RefreshAsync(organizations, context.RequestAborted)).Select(s => new { token = Shown(s), s.Refreshed }) });
    }

    private static object Shown(OrganizationTokenStatus status) =>
        new { org = status.Organization, status.OrganizationId, source = status.Source.ToString(), status.ExpiresAt, ageSeconds = (long?)status.Age?.TotalSeconds, status.LastError, status.LastErrorAt };
}
