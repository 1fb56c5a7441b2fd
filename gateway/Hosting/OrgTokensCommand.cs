using System.CommandLine;
using System.Globalization;
using OrgGateway.Orgs;
using OrgGateway.OrgTokens;
using OrgGateway.Storage;

namespace OrgGateway.Hosting;

/// <summary><c>org-tokens list</c> and <c>org-tokens refresh [--org NAME]</c>, on the store of the configuration; never prints a token.</summary>
public static class OrgTokensCommand
{
    public static Command Create(Option<string[]> files)
    {
        var org = new Option<string?>("--org") { Description = "Slug or id of one organization; default all with a source" };
        var list = new Command("list", "Prints each organization's source, the end and age of its token and the last failure");
        list.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(files) ?? [], (tokens, _) => tokens.ListAsync(cancel)));
        var refresh = new Command("refresh", "Mints new tokens for all replicas") { org };
        refresh.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(files) ?? [], (tokens, catalog) => RefreshAsync(tokens, catalog, parsed.GetValue(org), cancel)));
        return new Command("org-tokens", "The organizations' own tokens, as the store has them") { list, refresh };
    }

    private static async Task<int> RunAsync(string[] files, Func<OrganizationTokens, OrganizationCatalog, Task<IReadOnlyList<OrganizationTokenStatus>>> act)
    {
        if (CheckCommand.Load(files) is not { } loaded)
            return 1;
        using var live = loaded.Live;
        if (loaded.Configuration.Options.Store.Kind == StoreKind.Memory)
        {
            await Console.Error.WriteLineAsync("The store is in the memory of the gateway itself; nobody else can look into it.");
            return 1;
        }
        await using var app = await GatewayHost.BuildAsync(live, loaded.Configuration, loaded.Environment); // its parts; nothing of it starts
        var catalog = app.Services.GetRequiredService<CurrentCatalog>().Value;
        var all = await act(app.Services.GetRequiredService<OrganizationTokens>(), catalog);
        if (all.Count == 0)
        {
            await Console.Error.WriteLineAsync("No such organization has a token source.");
            return 1;
        }
        foreach (var status in all)
            Console.WriteLine(Line(status));
        return 0;
    }

    private static async Task<IReadOnlyList<OrganizationTokenStatus>> RefreshAsync(OrganizationTokens tokens, OrganizationCatalog catalog, string? org, CancellationToken cancellationToken)
    {
        var all = new List<OrganizationTokenStatus>();
        foreach (var organization in catalog.All.Where(o => o.Token is not null && (org is null || o.Slug == org || o.Id == org)))
            all.Add(await tokens.RefreshAsync(organization, cancellationToken));
        return all;
    }

    private static string Line(OrganizationTokenStatus status) => string.Create(CultureInfo.InvariantCulture,
        $"{status.Organization,-24} {status.Source,-18} {(status.ExpiresAt is { } end ? $"until {end:yyyy-MM-ddTHH:mm:ssZ}, {status.Age!.Value.TotalMinutes:0} min old" : "no token")}{(status.LastError is null ? "" : $"; {status.LastErrorAt:yyyy-MM-ddTHH:mm:ssZ} failed: {status.LastError}")}");
}
