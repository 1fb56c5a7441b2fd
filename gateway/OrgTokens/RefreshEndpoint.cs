using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrgGateway.Answers;
using OrgGateway.Orgs;

namespace OrgGateway.OrgTokens;

/// <summary>Where a schedule asks for new tokens before old ones end. Says how each went, and no token.</summary>
public sealed class RefreshEndpoint(OrganizationTokens tokens, CurrentOrganizationTokensOptions options, CurrentCatalog catalog, ProblemAnswer answer)
{
    public const string Path = "/org-tokens/refresh";
    private const string Scheme = "Bearer ";
    private static readonly Problem Refused = new(401, "unauthenticated", "The schedule's secret is required") { Challenge = "Bearer" };
    private static readonly Problem NoSource = new(404, "not_found", "No organization of this name has a token source");

    public static void Map(WebApplication app, string authPath) =>
        app.MapOwn(authPath + Path, OwnEndpoints.GetOrPost, app.Services.GetRequiredService<ProblemAnswer>(), app.Services.GetRequiredService<RefreshEndpoint>().InvokeAsync);

    public async Task InvokeAsync(HttpContext context)
    {
        if (!IsAllowed(context.Request.Headers.Authorization))
        {
            await answer.WriteAsync(context, Refused);
            return;
        }
        var wanted = context.Request.Query["org"];
        var organizations = catalog.Value.All.Where(o => o.Token is not null && (wanted.Count == 0 || wanted.Contains(o.Slug) || wanted.Contains(o.Id))).ToList();
        if (wanted.Count > 0 && organizations.Count == 0)
        {
            await answer.WriteAsync(context, NoSource);
            return;
        }
        var refreshed = await tokens.RefreshAsync(organizations, context.RequestAborted);
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(Json(refreshed), context.RequestAborted);
    }

    // Hashes are compared: neither the length nor the place of the first difference shows in the time it takes.
    private bool IsAllowed(Microsoft.Extensions.Primitives.StringValues authorization) =>
        options.Value.CronSecret is { Length: > 0 } secret && authorization is [{ } only]
        && only.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(only[Scheme.Length..].Trim())), SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private static ReadOnlyMemory<byte> Json(IEnumerable<OrganizationTokenStatus> all)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("organizations");
            foreach (var status in all)
            {
                json.WriteStartObject();
                json.WriteString("org", status.Organization);
                json.WriteString("source", status.Source.ToString());
                json.WriteString("result", status.Refreshed ? "refreshed" : "failed");
                if (status.ExpiresAt is { } expires)
                    json.WriteString("expiresAt", expires.UtcDateTime);
                if (!status.Refreshed)
                    json.WriteString("error", status.LastError ?? "unavailable");
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
