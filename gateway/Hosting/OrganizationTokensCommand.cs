using System.CommandLine;
using OrgGateway.Orgs;
using OrgGateway.OrgTokens;
using OrgGateway.Storage;

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
            var tokens = await services.GetRequiredService<OrganizationTokens>().ListAsync(cancellationToken);
            // What is read of a store that does not answer looks like no token at all.
            if (!services.GetRequiredService<IStore>().IsAvailable)
                return StoreDown();
            Print(tokens, parsed.GetValue(json));
            return 0;
        }));

        var org = new Argument<string?>("organization") { Description = "Slug or id; all of them where nothing is said", Arity = ArgumentArity.ZeroOrOne };
        var named = new Option<string?>("--org") { Description = "The same as an option" };
        var refresh = new Command("refresh", "Mints anew, for one organization or all of them") { org, named, json };
        refresh.SetAction((parsed, cancellationToken) => OperatorHost.RunAsync(parsed.GetValue(files) ?? [], needsStore: true, async services =>
        {
            // A token that no replica is told of helps nobody.
            if (!services.GetRequiredService<IStore>().IsAvailable)
                return StoreDown();
            var catalog = services.GetRequiredService<CurrentCatalog>().Value;
            Organization[] asked = (parsed.GetValue(org) ?? parsed.GetValue(named)) is { } one ? catalog.Find(one) is { Token: not null } found ? [found] : [] : [.. catalog.All.Where(o => o.Token is not null)];
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

    private static int StoreDown()
    {
        Console.Error.WriteLine("The store does not answer.");
        return OperatorHost.Failed;
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
