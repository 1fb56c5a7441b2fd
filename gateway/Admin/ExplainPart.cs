using OrgGateway.Answers;
using OrgGateway.Explain;

namespace OrgGateway.Admin;

/// <summary>What would happen to a request, and which rule decides: <c>GET /admin/v1/explain</c> and a form of the console (P14).</summary>
public sealed class ExplainPart(AccessExplainer explainer) : IAdminPart, IConsolePage
{
    private const int LongestPath = 4096;

    public string Path => "explain";
    public string Title => "Explain";
    public bool Refreshes => false;

    public void Map(RouteGroupBuilder admin) => admin.MapMethods("/explain", OwnEndpoints.Read, (RequestDelegate)ExplainAsync);

    public async Task WriteAsync(ConsoleHtml html, HttpRequest request, CancellationToken cancellationToken)
    {
        string? Of(string name) => AdminAnswer.Query(request.HttpContext, name);
        html.Paragraph("What would happen to a request that nobody made? Without a user, for somebody who has not signed in.");
        html.Question(Path, "Explain", ("path", "Path", Of("path")), ("method", "Method", Of("method") ?? "GET"), ("user", "User (subject or e-mail)", Of("user")), ("org", "Organization", Of("org")), ("kind", "Kind (api, page, websocket)", Of("kind") ?? "page"));
        if (Of("path") is null)
            return;
        if (Query(request.HttpContext, out var fault) is not { } query)
        {
            html.Paragraph(fault!.Detail!);
            return;
        }
        var told = await explainer.ExplainAsync(query, cancellationToken);
        html.Heading("Answer").Table(["What", "Value"], [
            ["outcome", told.Outcome], ["status", told.Status], ["code", told.Code], ["location", told.Location], ["rule", told.Rule], ["why", told.Why], ["route", told.Route], ["app", told.Cluster],
            ["organization", told.OrgSlug ?? told.OrgId], ["roles", string.Join(", ", told.Roles)], ["permissions", string.Join(", ", told.Permissions)], ["user known from", told.KnownFrom],
        ]);
    }

    private async Task ExplainAsync(HttpContext context) => await (Query(context, out var fault) is { } query
        ? AdminAnswer.OkAsync(context, await explainer.ExplainAsync(query, context.RequestAborted))
        : AdminAnswer.ProblemAsync(context, fault!));

    private static ExplainQuery? Query(HttpContext context, out Problem? fault)
    {
        string? Of(string name) => AdminAnswer.Query(context, name);
        var kind = RequestKind.Api;
        fault = Of("path") is not { Length: <= LongestPath } path || path[0] != '/' ? AdminAnswer.Bad("path", "what a browser would ask for, beginning with /")
            : Of("method") is { } method && !method.All(char.IsAsciiLetter) ? AdminAnswer.Bad("method", "a method such as GET")
            : Of("kind") is { } text && !Enum.TryParse(text, ignoreCase: true, out kind) ? AdminAnswer.Bad("kind", "api, page or websocket")
            : null;
        return fault is not null ? null : new(Of("path")!, Of("method") ?? "GET", Of("user"), Of("org"), Of("host"), kind);
    }
}
