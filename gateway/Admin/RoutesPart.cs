using OrgGateway.Answers;

namespace OrgGateway.Admin;

/// <summary><c>GET /admin/v1/routes</c> and the console's page of them.</summary>
public sealed class RoutesPart(RouteTable routes) : IAdminPart, IConsolePage
{
    public string Path => "routes";
    public string Title => "Routes";
    public bool Refreshes => false;

    public void Map(RouteGroupBuilder admin) => admin.MapMethods("/routes", OwnEndpoints.Read, (RequestDelegate)(context => AdminAnswer.OkAsync(context, new { items = routes.All() })));

    public Task WriteAsync(ConsoleHtml html, HttpRequest request, CancellationToken cancellationToken)
    {
        html.Heading("Routes in force").Table(
            ["Route", "Path", "To", "Access", "Token", "Roles or permissions", "As written"],
            routes.All().Select(r => (IReadOnlyList<object?>)[
                r.Id, r.Path + (r.Methods is { Count: > 0 } methods ? $" ({string.Join(", ", methods)})" : "") + (r.Hosts is { Count: > 0 } hosts ? " on " + string.Join(", ", hosts) : ""), r.Cluster,
                r.Access + (r.ReportOnly ? " (report only)" : ""), r.Token,
                r.Roles.Count + r.Permissions.Count == 0 ? null : string.Join(" or ", r.Roles) + (r.Roles.Count > 0 && r.Permissions.Count > 0 ? "; " : "") + string.Join(" and ", r.Permissions),
                string.Join(", ", r.Metadata.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key}={m.Value}")),
            ]));
        return Task.CompletedTask;
    }
}
