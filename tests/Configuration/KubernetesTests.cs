using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Configuration;

/// <summary>The chart rendered by Helm, and the plain manifests, against the schemas of Kubernetes' kinds.</summary>
public sealed class KubernetesTests : IDisposable
{
    private const string Chart = "deploy/kubernetes/chart";

    private static readonly string[] Everything =
    [
        "--set", "ingress.enabled=true,ingress.className=nginx,ingress.tlsSecret=tls,gatewayApi.enabled=true,serviceMonitor.enabled=true,serviceMonitor.labels.team=web,image.digest=sha256:00",
        "--set", "podAnnotations.a=b,nodeSelector.a=b,imagePullSecrets[0].name=pull,env[0].name=OTEL_EXPORTER_OTLP_ENDPOINT,env[0].value=http://collector:4317,networkPolicy.ingressFrom[0].podSelector.matchLabels.a=b",
        "--set", "tolerations[0].key=a,tolerations[0].operator=Exists,affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight=1,affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey=zone",
        "--set", "secrets.values.Gateway__Encryption__Keys__0__Id=k1,secrets.values.Gateway__Encryption__Keys__0__Secret=a: \"quoted\" secret of the tests",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("orggateway-helm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_chart_lints_and_renders_to_what_Kubernetes_takes()
    {
        var linted = await Manifests.HelmAsync(_folder, ["lint", "--strict", Repository.PathOf(Chart)]);
        Assert.True(linted.ExitCode == 0, linted.Output);
        Assert.Equal(9, Lines(await Manifests.JudgedAsync(await RenderAsync())).Length);
        var all = await Manifests.JudgedAsync(await RenderAsync(Everything));
        foreach (var kind in new[] { "Ingress", "HTTPRoute", "ServiceMonitor", "HorizontalPodAutoscaler", "NetworkPolicy", "PodDisruptionBudget", "Secret" })
            Assert.Contains($" {kind} ", all);
        var few = await Manifests.JudgedAsync(await RenderAsync("--set", "autoscaling.enabled=false,podDisruptionBudget.enabled=false,networkPolicy.enabled=false,secrets.existingSecret=mine"));
        Assert.DoesNotContain(" Secret ", few);
        Assert.DoesNotContain(" HorizontalPodAutoscaler ", few);
    }

    [Fact]
    public async Task The_rendered_configuration_is_sound_and_its_secrets_stay_as_they_are()
    {
        var objects = await Manifests.ReadAsync(await RenderAsync(Everything));
        var secrets = Assert.Single(objects, o => (string?)o!["kind"] == "Secret")!["stringData"]!;
        Assert.Equal("a: \"quoted\" secret of the tests", (string?)secrets["Gateway__Encryption__Keys__0__Secret"]);
        var configuration = (string)Assert.Single(objects, o => (string?)o!["kind"] == "ConfigMap")!["data"]!["appsettings.json"]!;
        var run = await GatewayProcess.RunToExitAsync(["check"], configuration, new Dictionary<string, string>
        {
            ["Gateway__IdentityProviders__main__ClientSecret"] = "a secret of the tests",
            ["Gateway__Encryption__Keys__0__Id"] = "k1",
            ["Gateway__Encryption__Keys__0__Secret"] = "an encryption key of the tests alone",
        });
        Assert.True(run.ExitCode == 0, run.Output);
    }

    [Theory]
    [InlineData("https://app.example.com/auth/callback\n", "config.Gateway.Store.Kind=Redis")]
    [InlineData("https://app.example.com/sso/callback/other\n", "config.Gateway.AuthPath=/sso,config.Gateway.IdentityProviders.other.Issuer=https://other.example.com")]
    [InlineData("https://app.example.com/auth/callback\n", "config.Gateway.IdentityProviders.main=null,config.Gateway.IdentityProviders.other.Issuer=https://other.example.com")]
    public async Task What_the_chart_says_to_register_is_what_the_gateway_sends(string redirectUri, string values)
    {
        var installed = await Manifests.HelmAsync(_folder, ["install", "edge", Repository.PathOf(Chart), "--dry-run=client", "--set", values]);
        Assert.True(installed.ExitCode == 0, installed.Output);
        Assert.Contains(redirectUri, installed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plain_manifests_are_what_Kubernetes_takes() =>
        Assert.Equal(9, Lines(await Manifests.JudgedAsync(await File.ReadAllTextAsync(Repository.PathOf("deploy/kubernetes/plain.yaml")))).Length);

    [Fact]
    public async Task A_misspelled_field_and_a_wrong_type_are_found()
    {
        var rendered = await RenderAsync();
        foreach (var (field, wrong) in new[] { ("maxSurge: 1", "maxSurgee: 1"), ("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: 3"), ("containerPort: 8080", "containerPort: http") })
            await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => Manifests.JudgedAsync(rendered.Replace(field, wrong, StringComparison.Ordinal)));
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private async Task<string> RenderAsync(params string[] arguments)
    {
        var rendered = await Manifests.HelmAsync(_folder, ["template", "edge", Repository.PathOf(Chart), .. arguments]);
        Assert.True(rendered.ExitCode == 0, rendered.Output);
        return rendered.Output;
    }
}
