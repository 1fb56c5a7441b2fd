using OrgGateway.Storage;

namespace OrgGateway.Hosting;

/// <summary>Health for orchestrators, on the operators' listener only.</summary>
public static class ManagementListener
{
    public static void Map(WebApplication app, ManagementOptions options)
    {
        var port = new Uri(options.Url).Port;
        var store = app.Services.GetRequiredService<IStore>();
        app.MapGet("/health/live", () => Results.Json(new { status = "ok" })).RequirePort(port);
        app.MapGet("/health/ready", () => Results.Json(
            new { status = store.IsAvailable ? "ready" : "degraded", parts = new { store = store.IsAvailable ? "ok" : "unavailable" } },
            statusCode: store.IsAvailable ? 200 : 503)).RequirePort(port);
    }
}
