using System.Text.Json;
using OrgGateway.Answers;
using OrgGateway.Orgs;
using OrgGateway.Storage;

namespace OrgGateway.Admin;

/// <summary>
/// Organizations: those of the configuration, which only the configuration changes, and those of the directory's source <c>store</c>,
/// whose ids and slugs are kept here.
/// </summary>
public sealed class OrganizationsPart(CurrentCatalog catalog, OrganizationDirectory directory) : IAdminPart, IConsolePage
{
    private const int LongestName = 256;
    private static readonly Problem Configured = new(409, "organization_configured", "The organization stands in the configuration", "Change it there (Gateway:Organizations).");
    private static readonly Problem SlugTaken = new(409, "slug_taken", "The slug is or was another organization's", "An old link must not lead to another one.");
    private static readonly Problem NoStore = new(409, "directory_without_store", "The directory is not used", "'store' is not among Gateway:OrganizationDirectory:Sources.");

    public string Path => "organizations";
    public string Title => "Organizations";
    public bool Refreshes => false;

    public void Map(RouteGroupBuilder admin)
    {
        admin.MapMethods("/organizations", OwnEndpoints.Read, (RequestDelegate)ListAsync);
        admin.MapMethods("/organizations/{org}", OwnEndpoints.Read, (RequestDelegate)OneAsync);
        admin.MapPut("/organizations/{org}", (RequestDelegate)PutAsync);
        admin.MapDelete("/organizations/{org}", (RequestDelegate)RemoveAsync);
    }

    public async Task WriteAsync(ConsoleHtml html, HttpRequest request, CancellationToken cancellationToken)
    {
        html.Heading("Organizations of the configuration").Table(
            ["Slug", "Id", "Name", "Identity provider", "Own token", ""],
            catalog.Value.All.OrderBy(o => o.Slug, StringComparer.Ordinal).Select(o => (IReadOnlyList<object?>)[
                o.Slug, o.Id, o.Name, o.IdentityProvider, o.Token is not null, ConsoleHtml.Link($"sessions?org={Uri.EscapeDataString(o.Slug)}", "Sessions"),
            ]));
        if (directory.UsesStore && await directory.ListAsync(cancellationToken) is { Count: > 0 } stored)
            html.Heading("Organizations of the directory").Table(
                ["Slug", "Id", "Name", ""],
                stored.OrderBy(o => o.Slug, StringComparer.Ordinal).Select(o => (IReadOnlyList<object?>)[o.Slug, o.Id, o.Name, ConsoleHtml.Link($"sessions?org={Uri.EscapeDataString(o.Id)}", "Sessions")]));
    }

    private async Task ListAsync(HttpContext context)
    {
        var stored = directory.UsesStore ? await directory.ListAsync(context.RequestAborted) : [];
        await (stored is null ? AdminAnswer.ProblemAsync(context, AdminAnswer.StoreDown) : AdminAnswer.OkAsync(context, new
        {
            items = catalog.Value.All.Select(View).Concat(stored.Select(View)).OrderBy(o => o.Slug, StringComparer.Ordinal),
        }));
    }

    private async Task OneAsync(HttpContext context)
    {
        if (catalog.Value.Find(NameOf(context)) is { } configured)
            await AdminAnswer.OkAsync(context, View(configured));
        else if (!directory.UsesStore)
            await AdminAnswer.ProblemAsync(context, AdminAnswer.Unknown("organization"));
        else if (await directory.ListAsync(context.RequestAborted) is not { } stored)
            await AdminAnswer.ProblemAsync(context, AdminAnswer.StoreDown);
        else
            await (stored.FirstOrDefault(o => o.Id == NameOf(context) || o.Slug == NameOf(context)) is { } found
                ? AdminAnswer.OkAsync(context, View(found))
                : AdminAnswer.ProblemAsync(context, AdminAnswer.Unknown("organization")));
    }

    private async Task PutAsync(HttpContext context)
    {
        var id = NameOf(context);
        if (await BodyAsync(context, id) is not { } entry)
            await AdminAnswer.ProblemAsync(context, AdminAnswer.Bad("body", "a JSON object such as { \"slug\": \"acme\", \"name\": \"Acme Ltd\" }; the id in the path and the slug are letters, digits, '-', '_' and '.'"));
        else if (!directory.UsesStore)
            await AdminAnswer.ProblemAsync(context, NoStore);
        else if (catalog.Value.Find(id) is not null || (entry.Slug is not null && catalog.Value.Find(entry.Slug) is not null))
            await AdminAnswer.ProblemAsync(context, Configured);
        else
            await (await directory.PutAsync(entry, context.RequestAborted) switch
            {
                StoreWrite.Done => AdminAnswer.OkAsync(context, View(entry)),
                StoreWrite.Refused => AdminAnswer.ProblemAsync(context, SlugTaken),
                _ => AdminAnswer.ProblemAsync(context, AdminAnswer.StoreDown),
            });
    }

    // Its slugs stay taken: an old link leads to it or nowhere.
    private async Task RemoveAsync(HttpContext context)
    {
        var id = NameOf(context);
        if (catalog.Value.Find(id) is not null)
            await AdminAnswer.ProblemAsync(context, Configured);
        else if (!directory.UsesStore)
            await AdminAnswer.ProblemAsync(context, AdminAnswer.Unknown("organization"));
        else
            await (await directory.RemoveAsync(id, context.RequestAborted) switch
            {
                StoreWrite.Done => AdminAnswer.OkAsync(context, new { id, result = "removed" }),
                StoreWrite.Refused => AdminAnswer.ProblemAsync(context, AdminAnswer.Unknown("organization")),
                _ => AdminAnswer.ProblemAsync(context, AdminAnswer.StoreDown),
            });
    }

    private static async Task<DirectoryEntry?> BodyAsync(HttpContext context, string id)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, DirectoryJson.Default.DirectoryBody, context.RequestAborted) is { } body
                && OrgSegment.IsValid(id) && (body.Slug is null || OrgSegment.IsValid(body.Slug)) && body.Name is null or { Length: <= LongestName }
                    ? new DirectoryEntry(id, body.Slug, body.Name) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static OrganizationView View(Organization o) => new(o.Id, o.Slug, o.Name, o.IdentityProvider, o.Token is not null, "config");

    private static OrganizationView View(DirectoryEntry o) => new(o.Id, o.Slug, o.Name, null, false, "store");

    private static string NameOf(HttpContext context) => (string)context.Request.RouteValues["org"]!;
}
