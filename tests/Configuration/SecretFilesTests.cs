using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Configuration;

/// <summary>Secrets in files, as orchestrators mount them.</summary>
public sealed class SecretFilesTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact]
    [Trait("Row", "K26")]
    public async Task A_secret_given_as_a_file_works_and_changes_on_reload()
    {
        var secrets = Directory.CreateTempSubdirectory("orggateway-secrets-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(secrets, "Gateway__IdentityProviders__main__ClientSecret"), "gateway-demo-secret");
            await File.WriteAllTextAsync(Path.Combine(secrets, "Gateway__Organizations__acme__Token__ClientSecret"), "not-the-secret-of-acme");
            var origin = FreePort.NextOrigin();
            await using var provider = await DemoProvider.StartAsync(new(), CancellationToken.None);
            provider.Register(DemoDirectory.Gateway(origin.GetLeftPart(UriPartial.Authority)));
            await using var upstream = new EchoUpstream();
            await upstream.StartAsync();
            var configuration = DemoConfiguration.Of(origin.GetLeftPart(UriPartial.Authority), provider.Issuer, upstream.Url);
            Remove(configuration, "IdentityProviders", "main");
            Remove(configuration, "Organizations", "acme", "Token");
            await using var gateway = await GatewayProcess.StartAsync(configuration, new Dictionary<string, string> { ["ORGGATEWAY_SECRETS_FOLDER"] = secrets });
            using var alice = new DemoBrowser(origin);
            Assert.Equal(200, (await alice.SignInAsync("/auth/login?next=/me", "alice@acme.test", CancellationToken.None)).Status);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await ReportAsync(alice));

            await File.WriteAllTextAsync(Path.Combine(secrets, "Gateway__Organizations__acme__Token__ClientSecret"), "acme-demo-secret");
            await Wait.UntilAsync(async () => await ReportAsync(alice) == HttpStatusCode.OK, Bound, "the changed secret is used");
            Assert.DoesNotContain("demo-secret", gateway.Output);
            Assert.DoesNotContain("not-the-secret-of-acme", gateway.Output);
        }
        finally
        {
            Directory.Delete(secrets, recursive: true);
        }
    }

    private static void Remove(JsonObject configuration, params string[] path) =>
        path.Aggregate(configuration["Gateway"]!, (section, name) => section[name]!).AsObject().Remove("ClientSecret");

    private static async Task<HttpStatusCode> ReportAsync(DemoBrowser browser)
    {
        using var answer = await browser.SendAsync(new(HttpMethod.Get, "/orgs/acme/reports/1"), CancellationToken.None);
        return answer.StatusCode;
    }
}
