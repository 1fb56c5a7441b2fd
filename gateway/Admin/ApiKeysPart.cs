using System.Text.Json;
using OrgGateway.ApiKeys;
using OrgGateway.Storage;

namespace OrgGateway.Admin;

/// <summary><c>/admin/v1/api-keys</c>: made (and shown, this once), listed, disabled, revoked.</summary>
public sealed class ApiKeysPart(ApiKeyOperations keys, TimeProvider clock) : IAdminPart, IConsolePage
{
    private const int LargestBody = 16 * 1024;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow, MaxDepth = 8 };

    public string Path => "api-keys";
    public string Title => "API keys";
    public bool Refreshes => false;

    public void Map(RouteGroupBuilder admin)
    {
        admin.MapGet("/api-keys", (RequestDelegate)ListAsync);
        admin.MapPost("/api-keys", (RequestDelegate)CreateAsync);
        admin.MapPatch("/api-keys/{id}", (RequestDelegate)ChangeAsync);
        admin.MapDelete("/api-keys/{id}", context => AnswerAsync(context, keys.RevokeAsync(IdOf(context), context.RequestAborted)));
    }

    public async Task WriteAsync(ConsoleHtml html, HttpRequest request, CancellationToken cancellationToken)
    {
        var listed = await keys.ListAsync(null, cancellationToken) ?? [];
        html.Heading("API keys").Table(
            ["Id", "Organization", "Name", "Roles", "Expires", "Disabled", "Last used"],
            listed.OrderBy(k => k.Record.Created).Select(k => (IReadOnlyList<object?>)[k.Record.Id, k.Record.OrgSlug ?? k.Record.OrgId, k.Record.Name, string.Join(", ", k.Record.Roles), k.Record.Expires, k.Record.Disabled, k.LastUsed]));
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
        await AdminAnswer.OkAsync(context, new { items = listed.OrderBy(k => k.Record.Created).Skip(page.Skip).Take(page.Limit).Select(k => new { k.Record, k.LastUsed }), total = listed.Count });
    }

    private async Task CreateAsync(HttpContext context)
    {
        if (await ReadAsync<Wanted>(context) is not { } wanted)
            return;
        var asked = new NewApiKey(wanted.Org ?? "")
        {
            Name = wanted.Name,
            Roles = wanted.Roles ?? [],
            Permissions = wanted.Permissions ?? [],
            Expires = wanted.Expires ?? (wanted.ExpiresIn is { } life ? clock.GetUtcNow() + life : null),
            OwnerIssuer = wanted.OwnerIssuer,
            OwnerSubject = wanted.OwnerSubject,
            Meta = wanted.Meta ?? [],
            RateLimit = wanted.RateLimit,
            Budget = wanted.Budget,
        };
        if (keys.Faults(asked) is { Count: > 0 } faults)
            await AdminAnswer.ProblemAsync(context, AdminAnswer.Bad("body", string.Join("; ", faults)));
        else if (await keys.CreateAsync(asked, context.RequestAborted) is not { } made)
            await AdminAnswer.ProblemAsync(context, AdminAnswer.StoreDown);
        else
        {
            context.Response.Headers.CacheControl = "no-store";
            await AdminAnswer.OkAsync(context, new { made.Record.Id, made.Key, made.Record }, StatusCodes.Status201Created);
        }
    }

    private async Task ChangeAsync(HttpContext context)
    {
        if (await ReadAsync<Change>(context) is not { } change)
            return;
        if (change.Disabled is not { } disabled)
            await AdminAnswer.ProblemAsync(context, AdminAnswer.Bad("body", "disabled is missing"));
        else
            await AnswerAsync(context, keys.SetDisabledAsync(IdOf(context), disabled, context.RequestAborted));
    }

    private static async Task AnswerAsync(HttpContext context, Task<StoreWrite> act)
    {
        switch (await act)
        {
            case StoreWrite.Done:
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            case StoreWrite.Refused:
                await AdminAnswer.ProblemAsync(context, AdminAnswer.Unknown("API key"));
                break;
            default:
                await AdminAnswer.ProblemAsync(context, AdminAnswer.StoreDown);
                break;
        }
    }

    /// <returns>Null after the fault was answered.</returns>
    private static async Task<T?> ReadAsync<T>(HttpContext context)
        where T : class
    {
        try
        {
            if (context.Request.ContentLength is > 0 and <= LargestBody && await JsonSerializer.DeserializeAsync<T>(context.Request.Body, Json, context.RequestAborted) is { } body)
                return body;
        }
        catch (JsonException)
        {
            // Answered below, without a word of what was sent.
        }
        await AdminAnswer.ProblemAsync(context, AdminAnswer.Bad("body", $"a JSON object of known members, at most {LargestBody} bytes"));
        return null;
    }

    private static string IdOf(HttpContext context) => context.Request.RouteValues["id"] as string ?? "";

    private sealed record Wanted(
        string? Org, string? Name, string[]? Roles, string[]? Permissions, DateTimeOffset? Expires, TimeSpan? ExpiresIn, string? OwnerIssuer, string? OwnerSubject,
        Dictionary<string, string>? Meta, ApiKeyAllowance? RateLimit, ApiKeyAllowance? Budget);

    private sealed record Change(bool? Disabled);
}
