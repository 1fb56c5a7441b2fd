using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Assertions;

/// <summary>The assertion as an app sees it: the shipped examples, run by Node.js, Python and in .NET against running gateways.</summary>
public sealed class AssertionVerifierTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <returns>What was printed, or the claims; null where it is refused.</returns>
    private delegate Task<string?> Verifier(GatewayStack keys, string issuer, string cluster, string route, string method, string assertion);

    [Fact, Trait("Row", "P18"), Trait("Row", "T66"), Trait("Row", "T68"), Trait("Row", "T84")]
    public async Task An_app_accepts_it_for_its_own_request_and_no_other_and_no_longer_than_it_lives()
    {
        await using var stack = await StartAsync();
        await using var other = await StartAsync();
        using var alice = await stack.SignedInAsync("alice@acme.test");
        var verifiers = new Dictionary<string, Verifier> { ["verify.mjs"] = NodeAsync, ["verify.py"] = PythonAsync, ["GatewayAssertions.cs"] = DotNetAsync };
        var first = "";
        foreach (var (name, verify) in verifiers)
        {
            // Fresh for each: starting a program may take a while.
            await alice.GetAsync("/orgs/acme/x", CancellationToken.None);
            var assertion = stack.Upstream.LastRequest.Header("X-Auth-Assertion")!;
            first = first.Length == 0 ? assertion : first;
            var printed = await verify(stack, stack.Origin, "app", "organization", "GET", assertion);
            Assert.True(printed is not null, $"{name} refuses a good one");
            Assert.Equal("acme", (string?)JsonNode.Parse(printed)!["org_slug"]);
            foreach (var (what, keys, issuer, cluster, route, method, sent) in new[]
            {
                ("another app's", stack, stack.Origin, "another", "organization", "GET", assertion), ("another route's", stack, stack.Origin, "app", "administration", "GET", assertion),
                ("another method's", stack, stack.Origin, "app", "organization", "DELETE", assertion), ("another gateway's keys", other, stack.Origin, "app", "organization", "GET", assertion),
                ("another gateway's name", stack, other.Origin, "app", "organization", "GET", assertion), ("a wrong signature", stack, stack.Origin, "app", "organization", "GET", assertion[..^4] + "AAAA"),
                ("another payload", stack, stack.Origin, "app", "organization", "GET", Changed(assertion, claims => claims["org_slug"] = "globex")), ("no signature", stack, stack.Origin, "app", "organization", "GET", Unsigned(assertion)),
            })
                Assert.True(await verify(keys, issuer, cluster, route, method, sent) is null, $"{name} accepts {what}");
        }
        foreach (var (name, verify) in verifiers)
            await Wait.UntilAsync(async () => await verify(stack, stack.Origin, "app", "organization", "GET", first) is null, Bound, $"the assertion expires for {name}");
    }

    private static Task<GatewayStack> StartAsync() => GatewayStack.StartAsync(new()
    {
        Configure = (_, configuration) => configuration["Gateway"]!["Assertion"] = new JsonObject { ["Lifetime"] = "00:00:20" },
    });

    // Copied beside the tests' packages, where Node.js finds jose.
    private static async Task<string?> NodeAsync(GatewayStack keys, string issuer, string cluster, string route, string method, string assertion)
    {
        var folder = Directory.CreateDirectory(Repository.PathOf("tests/providers/node_modules/.orggateway-example"));
        var script = Path.Combine(folder.FullName, Path.GetRandomFileName() + ".mjs");
        File.Copy(Repository.PathOf("deploy/examples/verify.mjs"), script);
        try
        {
            return await RunAsync("node", script, keys, issuer, cluster, route, method, assertion);
        }
        finally
        {
            File.Delete(script);
        }
    }

    // Debian's own Python: the one that has Debian's packages.
    private static Task<string?> PythonAsync(GatewayStack keys, string issuer, string cluster, string route, string method, string assertion) =>
        RunAsync("/usr/bin/python3", Repository.PathOf("deploy/examples/verify.py"), keys, issuer, cluster, route, method, assertion);

    private static async Task<string?> RunAsync(string program, string script, GatewayStack keys, string issuer, string cluster, string route, string method, string assertion)
    {
        await using var run = ChildProcess.Start(program, [script, keys.Origin + "/auth/.well-known/jwks.json", issuer, cluster, route, method, assertion]);
        var exit = await run.WaitForExitAsync(Bound);
        // 1 and a reason in words: a program that broke says more, and proves nothing.
        Assert.True(exit == 0 || (exit == 1 && !run.Output.Contains("Traceback", StringComparison.Ordinal) && !run.Output.Contains("    at ", StringComparison.Ordinal)), run.Output);
        return exit == 0 ? run.Output : null;
    }

    private static async Task<string?> DotNetAsync(GatewayStack keys, string issuer, string cluster, string route, string method, string assertion)
    {
        using var http = new HttpClient();
        var request = new DefaultHttpContext().Request;
        (request.Method, request.Headers["X-Auth-Assertion"]) = (method, assertion);
        return (await new GatewayAssertions(http, keys.Origin + "/auth/.well-known/jwks.json", issuer, cluster).VerifyAsync(request, route))?.GetRawText();
    }

    private static string Changed(string assertion, Action<JsonObject> change)
    {
        var parts = assertion.Split('.');
        return $"{parts[0]}.{Edited(parts[1], change)}.{parts[2]}";
    }

    private static string Unsigned(string assertion)
    {
        var parts = assertion.Split('.');
        return $"{Edited(parts[0], header => header["alg"] = "none")}.{parts[1]}.";
    }

    private static string Edited(string part, Action<JsonObject> change)
    {
        var json = JsonNode.Parse(Base64Url.DecodeFromChars(part))!.AsObject();
        change(json);
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
    }
}
