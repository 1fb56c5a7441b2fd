using OrgGateway.Hosting;

namespace OrgGateway.Demo;

internal static class Gateway
{
    /// <summary>The real gateway, by its own command line.</summary>
    public static async Task<int> RunAsync(string configuration, CancellationToken cancellationToken)
    {
        // The gateway also reads config/appsettings.json of the working directory. The demo is the same wherever it was
        // started, so it works from a directory that has none.
        var (before, empty) = (Directory.GetCurrentDirectory(), Directory.CreateTempSubdirectory("orggateway-demo-"));
        Directory.SetCurrentDirectory(empty.FullName);
        try
        {
            return await GatewayProgram.RunAsync(["serve", "--config", configuration], cancellationToken);
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
            empty.Delete(recursive: true);
        }
    }
}
