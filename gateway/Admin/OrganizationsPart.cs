using OrgGateway.Answers;
using OrgGateway.Orgs;

namespace OrgGateway.Admin;

/// <summary><c>GET /admin/v1/organizations</c> and the console's page of them: those of the configuration.</summary>
public sealed class OrganizationsPart(CurrentCatalog catalog) : IAdminPart, IConsolePage
{
    public string Path => "organizations";
    public string Title => "Organizations";
    public bool Refreshes => false;

    public void Map(RouteGroupBuilder admin) => admin.MapMethods("/organizations", OwnEndpoints.Read, (RequestDelegate)(context => AdminAnswer.OkAsync(context, new
    {
        items = catalog.Value.All.OrderBy(o => o.Slug, StringComparer.Ordinal).Select(o => new { o.Id, o.Slug, o.Name, o.IdentityProvider, hasToken = o.Token is not null }),
    })));

    public Task WriteAsync(ConsoleHtml html, HttpRequest request, CancellationToken cancellationToken)
    {
        html.Heading("Organizations of the configuration").Table(
            ["Slug", "Id", "Name", "Identity provider", "Own token", ""],
            catalog.Value.All.OrderBy(o => o.Slug, StringComparer.Ordinal).Select(o => (IReadOnlyList<object?>)[
                o.Slug, o.Id, o.Name, o.IdentityProvider, o.Token is not null, ConsoleHtml.Link($"sessions?org={Uri.EscapeDataString(o.Slug)}", "Sessions"),
            ]));
        return Task.CompletedTask;
    }
}
