using System.CommandLine;
using OrgGateway.Orgs;
using OrgGateway.OrgTokens;

namespace OrgGateway.Hosting;

/// <summary><c>org-tokens list</c> and <c>org-tokens refresh</c>, against the store of the configuration. Never a token.</summary>
public static class OrganizationTokensCommand
{
    private const int NotRefreshed = 3;

    public static Command Create(Option<string[]> files)
    {
        var json = new Option<bool>("--json") { Description = "One JSON document" };
        var list = new Command("list", "Lists organizations' tokens: source, end, last error") { json };
        list.SetAction((parsed, cancellationToken) => OperatorHost.RunAsync(parsed.GetValue(files) ?? [], needsStore: true, async services =>
        {
            Print(await services.GetRequiredService<OrganizationTokens>().ListAsync(cancellationToken), parsed.GetValue(json));
            return 0;
        }));

        var org = new Argument<string?>("organization") { Description = "Slug or id; all of them where nothing is said", Arity = ArgumentArity.ZeroOrOne };
        var refresh = new Command("refresh", "Mints anew, for one organization or all of them") { org, json };
        refresh.SetAction((parsed, cancellationToken) => OperatorHost.RunAsync(parsed.GetValue(files) ?? [], needsStore: true, async services =>
        {
            var catalog = services.GetRequiredService<CurrentCatalog>().Value;
            Organization[] asked = parsed.GetValue(org) is { } one ? catalog.Find(one) is { Token: not null } found ? [found] : [] : [.. catalog.All.Where(o => o.Token is not null)];
            if (asked.Length == 0)
            {
                await Console.Error.WriteLineAsync("No such organization with a token source.");
                return 2;
            }
            var refreshed = new List<OrganizationTokenStatus>();
            foreach (var organization in asked)
            {
                // Each may take seconds; who waits sees how far it is. On the error stream, which scripts do not read as the answer.
                await Console.Error.WriteLineAsync($"{refreshed.Count + 1}/{asked.Length} {organization.Slug}");
                refreshed.Add(await services.GetRequiredService<OrganizationTokens>().RefreshAsync(organization, cancellationToken));
            }
            Print(refreshed, parsed.GetValue(json));
            return refreshed.All(t => t.Refreshed) ? 0 : NotRefreshed;
        }));
        return new Command("org-tokens", "Organizations' own tokens") { list, refresh };
    }

    private static void Print(IReadOnlyList<OrganizationTokenStatus> tokens, bool json)
    {
        if (json)
            CommandOutput.Json(new { items = tokens });
        else
            CommandOutput.Table(
                ["ORGANIZATION", "SOURCE", "ENDS", "AGE", "LAST ERROR"],
                [.. tokens.Select(t => (IReadOnlyList<object?>)[t.Organization, t.Source, t.ExpiresAt, t.Age, t.LastError])]);
    }
}
