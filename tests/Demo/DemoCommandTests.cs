using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using OrgGateway.Demo.IdentityProvider;

namespace OrgGateway.Tests.Demo;

public sealed class DemoCommandTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_port_in_use_is_said_plainly_and_ends_with_1()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";

        using var demo = Start("upstream", "--urls", url);
        var errors = await demo.StandardError.ReadToEndAsync().WaitAsync(Patience);
        await demo.WaitForExitAsync().WaitAsync(Patience);

        Assert.Equal(1, demo.ExitCode);
        Assert.Contains($"{url}: address already in use", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_argument_gets_the_usage()
    {
        using var demo = Start("upstream", "--url");
        var errors = await demo.StandardError.ReadToEndAsync().WaitAsync(Patience);
        await demo.WaitForExitAsync().WaitAsync(Patience);

        Assert.Equal(1, demo.ExitCode);
        Assert.StartsWith("Usage:", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_identity_provider_alone_has_the_issuer_it_is_given_and_ends_at_SIGTERM()
    {
        using var demo = Start("identity-provider", "--urls", "http://127.0.0.1:0", "--issuer", "http://localhost:8090");

        var said = await demo.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        using var kill = Process.Start("kill", ["-TERM", $"{demo.Id}"]);
        await demo.WaitForExitAsync().WaitAsync(Patience);

        Assert.Equal("Identity provider: http://localhost:8090", said);
        Assert.Equal(0, demo.ExitCode);
    }

    [Fact]
    public async Task The_configuration_and_the_provider_agree_on_clients_and_organizations()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "appsettings.json");
        var gateway = JsonNode.Parse(await File.ReadAllTextAsync(file))!["Gateway"]!;
        await using var app = await ClientApp.StartAsync();

        var main = gateway["IdentityProviders"]!["main"]!;
        var registered = DemoDirectory.Gateway(gateway.Text("PublicOrigin"));
        Assert.Equal((registered.ClientId, registered.Secret), (main.Text("ClientId"), main.Text("ClientSecret")));
        var organizations = gateway["Organizations"]!.AsObject();
        foreach (var (_, organization) in organizations)
        {
            var source = organization!["Token"]!;
            var (status, body) = await app.PostTokenAsync(
                null, ("grant_type", "client_credentials"), ("client_id", source.Text("ClientId")),
                ("client_secret", source.Text("ClientSecret")), ("scope", source.Text("Scope")));
            Assert.Equal(200, status);
            Assert.Equal(organization.Text("Id"), (await app.VerifyAsync(body.Text("access_token"))).Claims.Text("org_id"));
        }

        var memberships = DemoDirectory.Users.SelectMany(user => user.Memberships).DistinctBy(membership => membership.OrgId);
        Assert.Equal(
            organizations.Select(organization => (organization.Key, organization.Value!.Text("Id"), organization.Value!.Text("Name"))),
            memberships.Select(membership => (membership.Slug, membership.OrgId, membership.OrgName)));
        var roles = gateway["Roles"]!.AsObject().Select(role => role.Key).ToList();
        var given = DemoDirectory.Users.SelectMany(user => user.Memberships).SelectMany(membership => membership.Roles);
        Assert.All(given, role => Assert.Contains(role, roles));
    }

    private static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "OrgGateway.Demo.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
}
