using System.CommandLine;
using OrgGateway.Orgs;
using OrgGateway.OrgTokens;

namespace OrgGateway.Hosting;

/// <summary><c>org-tokens list</c> and <c>org-tokens refresh [--org NAME]</c>, on the store of the configuration; never prints a token.</summary>
public static class OrgTokensCommand
{
    public static Command Create(Option<string[]> files)
    {
        var org = new Option<string?>("--org") { Description = "Slug or id of one organization; all with a source where nothing is said" };
        var json = new Option<bool>("--json") { Description = "One JSON document", Recursive = true };
        var list = new Command("list", "Prints each organization's source, the end and age of its token and the last failure");
        list.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(files) ?? [], parsed.GetValue(json), (tokens, _) => tokens.ListAsync(cancel)));
        var refresh = new Command("refresh", "Mints new tokens for all replicas") { org };
        refresh.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(files) ?? [], parsed.GetValue(json), (tokens, catalog) => tokens.RefreshAsync(Meant(catalog, parsed.GetValue(org)), cancel)));
        var command = new Command("org-tokens", "The organizations' own tokens, as the store has them") { list, refresh };
        command.Options.Add(json);
        return command;
    }

    private static Task<int> RunAsync(string[] files, bool json, Func<OrganizationTokens, OrganizationCatalog, Task<IReadOnlyList<OrganizationTokenStatus>>> act) =>
        OperatorHost.RunAsync(files, needsStore: true, async services =>
        {
            var all = await act(services.GetRequiredService<OrganizationTokens>(), services.GetRequiredService<CurrentCatalog>().Value);
            if (all.Count == 0)
            {
                await Console.Error.WriteLineAsync("No such organization has a token source.");
                return OperatorHost.Failed;
            }
            if (json)
                CommandOutput.Json(all.Select(s => new { org = s.Organization, s.OrganizationId, source = s.Source.ToString(), s.ExpiresAt, s.LastError, s.LastErrorAt }));
            else
                CommandOutput.Table(["Organization", "Source", "Until", "Last error", "At"], [.. all.Select(s => (IReadOnlyList<object?>)[s.Organization, s.Source.ToString(), s.ExpiresAt, s.LastError, s.LastErrorAt])]);
            return 0;
        });

    private static IReadOnlyList<Organization> Meant(OrganizationCatalog catalog, string? org) => [.. catalog.All.Where(o => o.Token is not null && (org is null || o.Slug == org || o.Id == org))];
}
