using OrgGateway.Answers;
using OrgGateway.Sockets;

namespace OrgGateway.Admin;

/// <summary><c>GET /admin/v1/sockets</c> and the console's page: what is open at this replica.</summary>
public sealed class SocketsPart(LiveConnections connections) : IAdminPart, IConsolePage, IOverviewFigure
{
    private const int ConsoleRows = 200;

    public string Path => "sockets";
    public string Title => "Sockets";
    public bool Refreshes => true;
    public string Name => "open sockets and streams, this replica";

    public ValueTask<long?> ReadAsync(CancellationToken cancellationToken) => new(connections.Snapshot().Length);

    public void Map(RouteGroupBuilder admin) => admin.MapMethods("/sockets", OwnEndpoints.Read, (RequestDelegate)ListAsync);

    public Task WriteAsync(ConsoleHtml html, HttpRequest request, CancellationToken cancellationToken)
    {
        var all = connections.Snapshot();
        html.Heading("By organization").Table(["Organization", "Open"], all.GroupBy(c => c.OrgId ?? "none").OrderByDescending(g => g.Count()).Select(g => (IReadOnlyList<object?>)[g.Key, g.Count()]));
        html.Heading("Open at this replica").Table(
            ["Route", "Kind", "User", "Organization", "Key", "Session ends"],
            all.Take(ConsoleRows).Select(c => (IReadOnlyList<object?>)[c.RouteId, KindOf(c), c.Subject, c.OrgId, c.KeyId, c.Ends == DateTimeOffset.MaxValue ? null : c.Ends]));
        if (all.Length > ConsoleRows)
            html.Paragraph($"{all.Length - ConsoleRows} more; /admin/v1/sockets lists all.");
        return Task.CompletedTask;
    }

    private async Task ListAsync(HttpContext context)
    {
        if (await AdminAnswer.PageOfAsync(context) is not { } place)
            return;
        var all = connections.Snapshot();
        await AdminAnswer.OkAsync(context, new
        {
            items = all.Skip(place.Skip).Take(place.Limit).Select(c => new { route = c.RouteId, kind = KindOf(c), issuer = c.Issuer, subject = c.Subject, orgId = c.OrgId, keyId = c.KeyId, session = c.SessionId?.ToString() }),
            total = all.Length,
        });
    }

    private static string KindOf(LiveConnection connection) => connection is OpenSocket ? "websocket" : "stream";
}
