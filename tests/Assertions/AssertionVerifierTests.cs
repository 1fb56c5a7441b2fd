using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Assertions;

/// <summary>The assertion as an app's own library sees it: the shipped Node.js example, over <c>jose</c>.</summary>
public sealed class AssertionVerifierTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact, Trait("Row", "P18"), Trait("Row", "T66"), Trait("Row", "T68")]
    public async Task An_app_accepts_it_for_its_own_request_and_no_other_and_no_longer_than_it_lives()
    {
        await using var stack = await StartAsync();
        await using var other = await StartAsync();
        using var alice = await stack.SignedInAsync("alice@acme.test");
        await alice.GetAsync("/orgs/acme/x", CancellationToken.None);
        var assertion = stack.Upstream.LastRequest.Header("X-Auth-Assertion")!;

        var (exit, printed) = await VerifyAsync(stack, stack.Origin, "app", "organization", "GET", assertion);
        Assert.True(exit == 0, printed);
        Assert.Contains("\"org_slug\":\"acme\"", printed, StringComparison.Ordinal);
        foreach (var (keys, issuer, cluster, route, method, sent) in new[]
        {
            (stack, stack.Origin, "another", "organization", "GET", assertion), (stack, stack.Origin, "app", "administration", "GET", assertion), (stack, stack.Origin, "app", "organization", "DELETE", assertion),
            (other, stack.Origin, "app", "organization", "GET", assertion), (stack, other.Origin, "app", "organization", "GET", assertion), (stack, stack.Origin, "app", "organization", "GET", assertion[..^4] + "AAAA"),
        })
            Assert.Equal(1, (await VerifyAsync(keys, issuer, cluster, route, method, sent)).Exit);

        await Wait.UntilAsync(async () => (await VerifyAsync(stack, stack.Origin, "app", "organization", "GET", assertion)).Exit == 1, Bound, "the assertion expires");
    }

    private static Task<GatewayStack> StartAsync() => GatewayStack.StartAsync(new()
    {
        Configure = (_, configuration) => configuration["Gateway"]!["Assertion"] = new System.Text.Json.Nodes.JsonObject { ["Lifetime"] = "00:00:10" },
    });

    // Copied beside the tests' packages, where Node.js finds jose.
    private static async Task<(int Exit, string Printed)> VerifyAsync(GatewayStack keys, string issuer, string cluster, string route, string method, string assertion)
    {
        var folder = Directory.CreateDirectory(Repository.PathOf("tests/providers/node_modules/.orggateway-example"));
        var script = Path.Combine(folder.FullName, Path.GetRandomFileName() + ".mjs");
        File.Copy(Repository.PathOf("deploy/examples/verify.mjs"), script);
        try
        {
            await using var node = ChildProcess.Start("node", [script, keys.Origin + "/auth/.well-known/jwks.json", issuer, cluster, route, method, assertion]);
            return (await node.WaitForExitAsync(Bound), node.Output);
        }
        finally
        {
            File.Delete(script);
        }
    }
}
