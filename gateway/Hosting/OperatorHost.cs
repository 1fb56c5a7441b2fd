namespace OrgGateway.Hosting;

/// <summary>The gateway's parts for a command: built over the store of the configuration, never started, so that it listens to nobody.</summary>
public static class OperatorHost
{
    /// <summary>The command could not do what it was asked: bad configuration, or a store that does not answer.</summary>
    public const int Failed = 1;

    /// <param name="files">Of <c>--config</c>.</param>
    /// <param name="needsStore">Whether the command is of no use with the store in memory, which is another process's.</param>
    /// <param name="act">Gets the parts and answers with the exit code.</param>
    public static async Task<int> RunAsync(string[] files, bool needsStore, Func<IServiceProvider, Task<int>> act)
    {
        if (CheckCommand.Load(files) is not { } loaded)
            return Failed;
        using var live = loaded.Live;
        if (needsStore && loaded.Configuration.Options.Store.Kind == Storage.StoreKind.Memory)
        {
            await Console.Error.WriteLineAsync("The store is Memory: it lives in the gateway's own process. Ask its admin API or console instead (Gateway:Management).");
            return Failed;
        }
        await using var app = await GatewayHost.BuildAsync(live, loaded.Configuration, loaded.Environment, forCommand: true);
        var exitCode = await act(app.Services);
        await HandOverAsync(app.Services.GetRequiredService<Admin.CommandAudit>());
        return exitCode;
    }

    /// <summary>Gives what the command did to the audit of the gateways.</summary>
    public static async Task HandOverAsync(Admin.CommandAudit audit)
    {
        if (!await audit.HandOverAsync())
            await Console.Error.WriteLineAsync("The store did not take the audit events of this command: the gateways' audit does not show it.");
    }
}
