using System.CommandLine;
using OrgGateway.Answers;
using OrgGateway.Explain;

namespace OrgGateway.Hosting;

/// <summary><c>explain</c>: which route, which rule, which outcome and why, for a request that nobody made.</summary>
public static class ExplainCommand
{
    public static Command Create(Option<string[]> files)
    {
        var path = new Option<string>("--path") { Description = "What a browser would ask for, beginning with /", Required = true };
        var method = new Option<string>("--method") { Description = "GET where nothing is said", DefaultValueFactory = _ => "GET" };
        var user = new Option<string?>("--user") { Description = "Subject or e-mail address; nobody where nothing is said" };
        var org = new Option<string?>("--org") { Description = "Slug or id, for {org} in the path or a host" };
        var host = new Option<string?>("--host") { Description = "Host header; the public origin's where nothing is said" };
        var kind = new Option<RequestKind>("--kind") { Description = "Api, Page or WebSocket" };
        var json = new Option<bool>("--json") { Description = "One JSON document" };
        path.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string>() is not { Length: > 0 } text || text[0] != '/')
                given.AddError("--path begins with /");
        });
        var command = new Command("explain", "Says what would happen to a request, and which rule decides") { path, method, user, org, host, kind, json };
        command.SetAction((parsed, cancellationToken) => OperatorHost.RunAsync(parsed.GetValue(files) ?? [], needsStore: false, async services =>
        {
            var query = new ExplainQuery(parsed.GetValue(path)!, parsed.GetValue(method)!, parsed.GetValue(user), parsed.GetValue(org), parsed.GetValue(host), parsed.GetValue(kind));
            var told = await services.GetRequiredService<AccessExplainer>().ExplainAsync(query, cancellationToken);
            if (parsed.GetValue(json))
                CommandOutput.Json(told);
            else
                CommandOutput.Fields(
                    ("Outcome", told.Outcome), ("Status", told.Status), ("Code", told.Code), ("Location", told.Location), ("Rule", told.Rule), ("Why", told.Why), ("Route", told.Route), ("App", told.Cluster),
                    ("Organization", told.OrgSlug ?? told.OrgId), ("Roles", told.Roles), ("Permissions", told.Permissions), ("User", told.User), ("Known from", told.KnownFrom));
            return 0;
        }));
        return command;
    }
}
