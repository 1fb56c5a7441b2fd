namespace OrgGateway.Health;

/// <summary>
/// Readiness: <c>starting</c> (callers' listener is not open yet), <c>ready</c>, <c>degraded</c> (a part is down, what is known still
/// serves) or <c>draining</c> (about to stop). Draining wins, because a load balancer must take a stopping replica out whatever else is true.
/// </summary>
public sealed class HealthReport(IEnumerable<IHealthPart> parts, IHostApplicationLifetime lifetime)
{
    private readonly IHealthPart[] _parts = [.. parts];

    public (string Status, IReadOnlyDictionary<string, string> Parts) Read()
    {
        var starting = !lifetime.ApplicationStarted.IsCancellationRequested;
        var draining = lifetime.ApplicationStopping.IsCancellationRequested;
        var read = _parts.ToDictionary(p => p.Name, p => p.Now, StringComparer.Ordinal);
        var texts = read.ToDictionary(p => p.Key, p => p.Value.Text, StringComparer.Ordinal);
        texts["drain"] = draining ? "draining" : "ok";
        return (draining ? "draining" : starting ? "starting" : read.Values.Any(p => p.Degrades) ? "degraded" : "ready", texts);
    }
}
