using System.CommandLine;
using System.Net.Sockets;
using OrgGateway.Configuration;

namespace OrgGateway.Hosting;

/// <summary>The gateway's command line as a call. Exit codes: 0 done, 1 bad configuration or a port in use, 2 bad usage.</summary>
public static class GatewayProgram
{
    public static Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var files = new Option<string[]>("--config") { Description = "A configuration file above config/appsettings.json; may be given several times, later wins", Recursive = true, AllowMultipleArgumentsPerToken = false };
        var serve = new Command("serve", "Runs the gateway (the default)");
        serve.SetAction((parsed, cancel) => ServeAsync(parsed.GetValue(files) ?? [], cancel));
        var check = new Command("check", "Validates the configuration and prints routes, policies and redirect URIs; starts nothing");
        check.SetAction(parsed => CheckCommand.Run(parsed.GetValue(files) ?? []));
        var root = new RootCommand("OrgGateway: OpenID Connect gateway for many organizations") { serve, check, ExplainCommand.Create(files), SessionsCommand.Create(files), OrganizationTokensCommand.Create(files), HealthCommand.Create(files), SbomCommand.Create(), KeysCommand.Create(files) };
        root.Options.Add(files);
        root.SetAction((parsed, cancel) => ServeAsync(parsed.GetValue(files) ?? [], cancel));
        var parsed = root.Parse(args);
        return parsed.Errors.Count > 0 ? Task.FromResult(Usage(parsed.Errors)) : parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, cancellationToken);
    }

    private static int Usage(IReadOnlyList<System.CommandLine.Parsing.ParseError> errors)
    {
        foreach (var error in errors)
            Console.Error.WriteLine(error.Message);
        Console.Error.WriteLine("Commands: serve, check, explain, sessions, org-tokens, health, sbom, keys. Options: --config FILE (several times), --help, --version.");
        return 2;
    }

    private static async Task<int> ServeAsync(string[] files, CancellationToken cancellationToken)
    {
        if (CheckCommand.Load(files) is not { } loaded)
            return 1;
        using var live = loaded.Live;
        await using var app = await GatewayHost.BuildAsync(live, loaded.Configuration, loaded.Environment);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException exception)
        {
            Console.Error.WriteLine($"Cannot listen, as Urls or Gateway:Management:Url ask: {exception.Message} End the program that has the port, or choose another.");
            return 1;
        }
        // An address that is not this machine's, a port that is not everybody's, https without a certificate.
        catch (Exception exception) when (exception is SocketException or InvalidOperationException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" })
        {
            Console.Error.WriteLine($"Cannot listen, as Urls or Gateway:Management:Url ask: {exception.Message.ReplaceLineEndings(" ").TrimEnd('.')}. An address is one of this host's, https needs Kestrel:Certificates:Default.");
            return 1;
        }
        Announce(app, loaded);
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    private static void Announce(WebApplication app, LoadedConfiguration loaded)
    {
        var options = loaded.Configuration.Options;
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("OrgGateway");
        foreach (var warning in loaded.Faults.Warnings)
            logger.ConfigurationWarning(warning);
        var version = typeof(GatewayProgram).Assembly.GetName().Version!.ToString(3);
        logger.Started(version, string.Join(' ', app.Urls), options.PublicOrigin!, options.Store.Kind.ToString());
        foreach (var provider in app.Services.GetRequiredService<Oidc.IdentityProviders>().All)
            logger.RedirectUri(provider.Name, provider.RedirectUri);
    }
}
