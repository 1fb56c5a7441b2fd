using System.Net.Sockets;
using System.Text;
using System.Xml.Linq;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Configuration;

/// <summary>What SECURITY.md says of the dependencies, held by the build.</summary>
public sealed class AdvisoriesTests(DemoServers demo) : IClassFixture<DemoServers>
{
    // The first version without a known fault; for those without any, the one that was looked through.
    private static readonly Dictionary<string, Version> Sound = new()
    {
        ["Yarp.ReverseProxy"] = new(2, 0, 1),
        ["OpenTelemetry"] = new(1, 11, 2),
        ["OpenTelemetry.Exporter.OpenTelemetryProtocol"] = new(1, 11, 2),
        ["StackExchange.Redis"] = new(2, 13, 23),
        ["Serilog"] = new(3, 1, 1),
        ["System.CommandLine"] = new(3, 0, 0),
    };

    [Fact]
    [Trait("Row", "T120")]
    public void No_dependency_is_of_a_version_with_a_known_fault_or_one_that_nobody_looked_at()
    {
        var versions = XDocument.Load(Repository.PathOf("Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(p => (string)p.Attribute("Include")!, p => Version.Parse((string)p.Attribute("Version")!));
        foreach (var (package, sound) in Sound)
            Assert.True(versions[package] >= sound, $"{package} {versions[package]} is older than {sound}");
        var triaged = File.ReadAllText(Repository.PathOf("SECURITY.md"));
        var used = XDocument.Load(Repository.PathOf("gateway/OrgGateway.csproj")).Descendants("PackageReference").Select(p => (string)p.Attribute("Include")!);
        Assert.All(used, package => Assert.Contains(package.Split('.')[0], triaged));
        Assert.DoesNotContain("Microsoft.IdentityModel", string.Join(' ', versions.Keys));
        Assert.True(Environment.Version >= new Version(10, 0, 0));
    }

    [Fact]
    [Trait("Row", "T120")]
    public async Task An_ambiguous_chunk_extension_smuggles_no_request()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(demo.Stack.Url.Host, demo.Stack.Url.Port);
        await using var stream = client.GetStream();
        // A bare line feed in a chunk extension: who takes it for the end of the line sees a second request in the body.
        var attack = "POST / HTTP/1.1\r\nHost: " + demo.Stack.Url.Authority + "\r\nTransfer-Encoding: chunked\r\n\r\n2;\nxx\r\n4e\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: " + demo.Stack.Url.Authority + "\r\nX: \r\n\r\n0\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(attack));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        Assert.StartsWith("HTTP/1.1 400", await reader.ReadLineAsync(limit.Token));
        Assert.DoesNotContain(demo.Stack.Upstream.Requests, r => r.RawTarget.Contains("smuggled", StringComparison.Ordinal));
    }
}
