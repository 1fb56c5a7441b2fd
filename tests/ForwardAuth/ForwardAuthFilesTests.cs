using System.Text.Json.Nodes;
using OrgGateway.ForwardAuth;
using OrgGateway.Proxy;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.ForwardAuth;

/// <summary>
/// The shipped configurations against what the gateway emits: a name that a proxy neither copies nor deletes is a name that its clients
/// may write. Traefik and Envoy have no Debian package to run, so theirs are read as far as text can tell.
/// </summary>
public sealed class ForwardAuthFilesTests
{
    private static readonly string[] Copied = [.. IdentityHeaders.Names, "Authorization"];

    [Fact]
    public void Nginx_Caddy_and_HAProxy_take_every_name_from_the_answer()
    {
        var (nginx, caddy, haproxy) = (Text("nginx.conf"), Text("Caddyfile"), Text("haproxy/verify.lua"));
        foreach (var name in Copied)
        {
            Assert.Contains("$upstream_http_" + name.ToLowerInvariant().Replace('-', '_') + ";", nginx, StringComparison.Ordinal);
            Assert.Contains($"proxy_set_header {name} $auth_", nginx, StringComparison.Ordinal);
            Assert.Contains($"\"{name.ToLowerInvariant()}\"", haproxy[haproxy.IndexOf("identity", StringComparison.Ordinal)..haproxy.IndexOf('}')], StringComparison.Ordinal);
        }
        var copied = caddy[caddy.IndexOf("copy_headers ", StringComparison.Ordinal)..].Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
        Assert.Equal(Copied.Order(StringComparer.Ordinal), copied.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Traefik_takes_every_name_from_the_answer_and_deletes_their_twins()
    {
        var http = (await YamlAsync("traefik.yml"))["http"]!;
        var ask = http["middlewares"]!["orggateway"]!["forwardAuth"]!;
        Assert.Equal(Copied.Order(StringComparer.Ordinal), Strings(ask["authResponseHeaders"]!).Order(StringComparer.Ordinal));
        Assert.Equal(("http://orggateway:8080/auth/verify", false), ((string?)ask["address"], (bool)ask["trustForwardHeader"]!));
        var twins = http["middlewares"]!["orggateway-twins"]!["headers"]!["customRequestHeaders"]!.AsObject();
        Assert.Equal(IdentityHeaders.Names.Select(n => n.Replace('-', '_')).Order(StringComparer.Ordinal), twins.Select(t => t.Key).Order(StringComparer.Ordinal));
        Assert.All(twins, t => Assert.Equal("", (string?)t.Value));
        Assert.Equal(["orggateway-twins", "orggateway"], Strings(http["routers"]!["app"]!["middlewares"]!));
        Assert.Contains("!PathPrefix(`/auth/verify`)", (string?)http["routers"]!["auth"]!["rule"], StringComparison.Ordinal);
        foreach (var router in http["routers"]!.AsObject())
            Assert.NotNull(http["services"]![(string)router.Value!["service"]!]);
    }

    [Fact]
    public async Task Envoy_hands_over_what_decides_and_takes_every_name_from_the_answer()
    {
        var manager = await YamlAsync("envoy.yaml");
        Assert.Equal((true, "REJECT_REQUEST"), ((bool)manager["use_remote_address"]!, (string?)manager["common_http_protocol_options"]!["headers_with_underscores_action"]));
        var filter = manager["http_filters"]![0]!;
        Assert.Equal("envoy.filters.http.router", (string?)manager["http_filters"]!.AsArray()[^1]!["name"]);
        var config = filter["typed_config"]!;
        var service = config["http_service"]!;
        Assert.Equal((false, "/auth/verify"), ((bool)config["failure_mode_allow"]!, (string?)service["path_prefix"]));
        Assert.Equal(
            VerifyEndpoint.Relevant.Append("x-forwarded-for").Select(n => n.ToLowerInvariant()).Order(StringComparer.Ordinal),
            Exact(service["authorization_request"]!["allowed_headers"]!).Order(StringComparer.Ordinal));
        Assert.Equal(["x-forwarded-host", "x-forwarded-proto"], service["authorization_request"]!["headers_to_add"]!.AsArray().Select(h => (string?)h!["key"]));
        var (upstream, client) = (service["authorization_response"]!["allowed_upstream_headers"]!, service["authorization_response"]!["allowed_client_headers"]!);
        var prefixes = upstream["patterns"]!.AsArray().Select(p => (string?)p!["prefix"]).OfType<string>().ToArray();
        Assert.All(Copied, name => Assert.True(Exact(upstream).Contains(name.ToLowerInvariant()) || prefixes.Any(p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase)), name));
        Assert.All(VerifyEndpoint.RefusalHeaders.Concat(["Location", "Set-Cookie"]), name => Assert.Contains(name.ToLowerInvariant(), Exact(client)));
    }

    private static string Text(string file) => File.ReadAllText(Repository.PathOf("deploy/forward-auth/" + file));

    private static IEnumerable<string> Strings(JsonNode list) => list.AsArray().Select(s => (string)s!);

    private static HashSet<string> Exact(JsonNode matcher) => [.. matcher["patterns"]!.AsArray().Select(p => (string?)p!["exact"]).OfType<string>()];

    // Read by a real parser: what it refuses, no proxy takes either.
    private static async Task<JsonNode> YamlAsync(string file)
    {
        await using var python = ChildProcess.Start("/usr/bin/python3", ["-c", "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))", Repository.PathOf("deploy/forward-auth/" + file)]);
        var exit = await python.WaitForExitAsync(TimeSpan.FromSeconds(30));
        Assert.True(exit == 0, python.Output);
        return JsonNode.Parse(python.Output)!;
    }
}
