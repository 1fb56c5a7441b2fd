using OrgGateway.Answers;
using OrgGateway.ApiKeys;
using OrgGateway.Storage;

namespace OrgGateway.Admin;

/// <summary>API keys: made, listed, revoked, disabled and enabled. A key itself is stored nowhere: the answer that makes one is the only one to show it.</summary>
public sealed class KeysPart(ApiKeyOperations keys, SessionQueries people, TimeProvider clock) : IAdminPart, IConsolePage
{
    public string Path => "api-keys";
    public string Title => "API keys";
    public bool Refreshes => false;

    public void Map(RouteGroupBuilder admin)
    {
        admin.MapMethods("/api-keys", OwnEndpoints.Read, (RequestDelegate)ListAsync);
        admin.MapPost("/api-keys", (RequestDelegate)CreateAsync);
        admin.MapMethods("/api-keys/{id}", OwnEndpoints.Read, (RequestDelegate)OneAsync);
        admin.MapDelete("/api-keys/{id}", (RequestDelegate)(context => AnswerAsync(context, keys.RevokeAsync(IdOf(context), context.RequestAborted), "revoked")));
        admin.MapPost("/api-keys/{id}/disable", (RequestDelegate)(context => AnswerAsync(context, keys.SetDisabledAsync(IdOf(context), true, context.RequestAborted), "disabled")));
        admin.MapPost("/api-keys/{id}/enable", (RequestDelegate)(context => AnswerAsync(context, keys.SetDisabledAsync(IdOf(context), false, context.RequestAborted), "enabled")));
    }

    public async Task WriteAsync(ConsoleHtml html, HttpRequest request, CancellationToken cancellationToken)
    {
        var org = AdminAnswer.Query(request.HttpContext, "org");
        html.Question(Path, "Show", ("org", "Organization (slug or id)", org));
        if (await keys.ListAsync(org, cancellationToken) is not { } listed)
        {
            html.Paragraph("The store does not answer.");
            return;
        }
        html.Heading("API keys").Table(
            ["Key", "Organization", "Name", "Roles", "Permissions", "Made", "Ends", "Last used", "State", "", ""],
            listed.OrderBy(k => k.Record.Created).Select(k => (IReadOnlyList<object?>)[
                k.Record.Id, k.Record.OrgSlug ?? k.Record.OrgId, k.Record.Name, string.Join(", ", k.Record.Roles), string.Join(", ", k.Record.Permissions), k.Record.Created, k.Record.Expires, k.LastUsed,
                k.Record.Disabled ? "disabled" : "in force",
                k.Record.Disabled ? html.Button("api-keys/do/enable", "Enable", k.Record.Id, ("id", k.Record.Id)) : html.Button("api-keys/do/disable", "Disable", k.Record.Id, ("id", k.Record.Id)),
                html.Button("api-keys/do/revoke", "Revoke", k.Record.Id, ("id", k.Record.Id)),
            ]));
    }

    public async Task<string?> ActAsync(string action, IFormCollection form, CancellationToken cancellationToken)
    {
        var id = form["id"].ToString();
        if (action is not ("revoke" or "disable" or "enable"))
            return null;
        return (action == "revoke" ? await keys.RevokeAsync(id, cancellationToken) : await keys.SetDisabledAsync(id, action == "disable", cancellationToken)) switch
        {
            StoreWrite.Refused => "There is no such key.",
            StoreWrite.Unavailable => "The store does not answer; other replicas may not have heard. Try again.",
            _ => $"Done: {action} {id}.",
        };
    }

    private async Task ListAsync(HttpContext context)
    {
        if (await AdminAnswer.PageOfAsync(context) is not { } page)
            return;
        if (await keys.ListAsync(AdminAnswer.Query(context, "org"), context.RequestAborted) is not { } listed)
        {
            await AdminAnswer.ProblemAsync(context, AdminAnswer.StoreDown);
            return;
        }
        await AdminAnswer.OkAsync(context, new
        {
            items = listed.OrderBy(k => k.Record.Created).Skip(page.Skip).Take(page.Limit).Select(k => View(k.Record, k.LastUsed)),
            next = listed.Count > page.Skip + page.Limit ? page.Skip + page.Limit : (int?)null,
        });
    }

    private async Task OneAsync(HttpContext context)
    {
        var (status, found) = await keys.ReadAsync(IdOf(context), context.RequestAborted);
        await (found is { } key ? AdminAnswer.OkAsync(context, View(key.Record, key.LastUsed))
            : AdminAnswer.ProblemAsync(context, status == StoreStatus.Unavailable ? AdminAnswer.StoreDown : AdminAnswer.Unknown("API key")));
    }

    private async Task CreateAsync(HttpContext context)
    {
        var (body, why) = await NewKeyBody.ReadAsync(context.Request, context.RequestAborted);
        if (body is null)
        {
            await AdminAnswer.ProblemAsync(context, AdminAnswer.Bad("body", why));
            return;
        }
        if (body.ToKey(clock.GetUtcNow()) is not { } wanted)
        {
            await AdminAnswer.ProblemAsync(context, AdminAnswer.Bad("org", "slug or id of the one organization that the key acts in"));
            return;
        }
        if (keys.Faults(wanted) is { Count: > 0 } faults)
        {
            await AdminAnswer.ProblemAsync(context, AdminAnswer.Bad("body", string.Join("; ", faults)));
            return;
        }
        if (wanted.OwnerSubject is not null || body.OwnerIssuer is not null)
        {
            // Under an issuer that nobody vouches for, no revocation would ever find it.
            if (wanted.OwnerSubject is null || people.IssuerOf(body.OwnerIssuer) is not { } issuer)
            {
                await AdminAnswer.ProblemAsync(context, AdminAnswer.Bad("ownerIssuer", "an issuer of the configuration, of an ownerSubject"));
                return;
            }
            wanted = wanted with { OwnerIssuer = issuer };
        }
        if (await keys.CreateAsync(wanted, context.RequestAborted) is not { } made)
        {
            await AdminAnswer.ProblemAsync(context, AdminAnswer.StoreDown);
            return;
        }
        context.Response.Headers.Location = "/admin/v1/api-keys/" + made.Record.Id;
        await AdminAnswer.OkAsync(context, new { made.Record.Id, made.Key, made.Record.OrgId, made.Record.OrgSlug, made.Record.Name, made.Record.Roles, made.Record.Permissions, made.Record.Created, made.Record.Expires }, StatusCodes.Status201Created);
    }

    private static object View(ApiKeyRecord key, DateTimeOffset? lastUsed) => new
    {
        key.Id, key.OrgId, key.OrgSlug, key.Name, key.Roles, key.Permissions, key.Created, key.Expires, key.Disabled, lastUsed, key.OwnerSubject, key.Meta, key.RateLimit, key.Budget,
    };

    private static async Task AnswerAsync(HttpContext context, Task<StoreWrite> change, string result) => await (await change switch
    {
        StoreWrite.Refused => AdminAnswer.ProblemAsync(context, AdminAnswer.Unknown("API key")),
        StoreWrite.Unavailable => AdminAnswer.ProblemAsync(context, AdminAnswer.StoreDown),
        _ => AdminAnswer.OkAsync(context, new { id = IdOf(context), result }),
    });

    private static string IdOf(HttpContext context) => (string)context.Request.RouteValues["id"]!;
}
