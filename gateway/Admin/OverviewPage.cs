using OrgGateway.Health;

namespace OrgGateway.Admin;

/// <summary>The console's first page: how this replica stands, and what it refused lately.</summary>
public sealed class OverviewPage(HealthReport health, RecentRefusals refusals, IEnumerable<IOverviewFigure> figures) : IConsolePage
{
    private const int Shown = 30;

    public string Path => "";
    public string Title => "Overview";
    public bool Refreshes => true;

    public async Task WriteAsync(ConsoleHtml html, HttpRequest request, CancellationToken cancellationToken)
    {
        var (status, parts) = health.Read();
        html.Heading("This replica").Table(
            ["What", "State"],
            parts.Select(p => (IReadOnlyList<object?>)[p.Key, p.Value]).Prepend(["readiness", status]));
        var rows = new List<IReadOnlyList<object?>>();
        foreach (var figure in figures)
            rows.Add([figure.Name, await figure.ReadAsync(cancellationToken)]);
        html.Heading("Right now").Table(["What", "Count"], rows);
        html.Heading("Recent refusals and failures").Table(
            ["When", "What", "Why", "Route", "Who", "Organization", "From", "Request"],
            refusals.Latest(Shown).Select(r => (IReadOnlyList<object?>)[r.At, r.Event.Name, r.Event.Reason, r.Event.Route, r.Event.KeyId ?? r.Event.Subject, r.Event.OrgId, r.Event.Address, r.Event.RequestId]));
    }
}
