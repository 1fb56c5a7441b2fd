using System.Net;
using System.Text.Json;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Admin;

/// <summary>What the audit log says of a day: every event once, with what an investigation asks for.</summary>
public sealed class AuditChainTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    [Fact]
    [Trait("Row", "S43")]
    [Trait("Row", "G29")]
    public async Task A_scenario_yields_its_events()
    {
        await using var stack = await GatewayStack.StartAsync(new()
        {
            Configure = (_, configuration) => configuration["Gateway"]!["Logging"] = new System.Text.Json.Nodes.JsonObject { ["Format"] = "Json" },
        });
        using var alice = await stack.SignedInAsync("alice@acme.test");
        await ExpectAsync(alice, "/orgs/initech/api/echo", HttpStatusCode.Forbidden); // not a member
        await ExpectAsync(alice, "/orgs/globex/admin/x", HttpStatusCode.Forbidden); // role missing
        await ExpectAsync(alice, "/orgs/a%2Fb/x", HttpStatusCode.BadRequest); // ambiguous target
        using var stranger = stack.BrowserFor();
        await ExpectAsync(stranger, "/orgs/acme/api/echo", HttpStatusCode.Unauthorized);
        await stranger.GetOneAsync("/auth/callback?code=x&state=never-given", CancellationToken.None);
        await ExpectAsync(alice, "/orgs/acme/reports/1", HttpStatusCode.OK); // mints
        await alice.GetOneAsync("/auth/logout", CancellationToken.None);

        string[] golden =
        [
            "access.refused invalid_target organization", "access.refused missing_permission administration", "access.refused not_a_member organization", "access.refused unauthenticated organization",
            "session.sign_in_failed state ", "session.signed_in  ",
        ];
        await Wait.UntilAsync(() => golden.All(e => Events(stack).Contains(e)) && Events(stack).Any(e => e.StartsWith("session.ended logout", StringComparison.Ordinal)), Bound, "the events are logged");
        var all = Events(stack);
        Assert.Equal(golden, all.Where(e => !e.StartsWith("session.ended", StringComparison.Ordinal) && !e.StartsWith("org_token.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Single(all, e => e.StartsWith("org_token.minted", StringComparison.Ordinal));
        foreach (var refusal in Audited(stack).Where(e => Text(e, "reason") == "not_a_member"))
        {
            Assert.NotEmpty(Text(refusal, "requestId"));
            Assert.NotEmpty(Text(refusal, "address"));
        }
    }

    private static async Task ExpectAsync(DemoBrowser browser, string path, HttpStatusCode status)
    {
        using var answer = await browser.SendAsync(new(HttpMethod.Get, path), CancellationToken.None);
        Assert.Equal((path, status), (path, answer.StatusCode));
    }

    private static List<string> Events(GatewayStack stack) => [.. Audited(stack).Select(e => $"{Text(e, "event")} {Text(e, "reason")} {Text(e, "route")}")];

    private static IEnumerable<JsonElement> Audited(GatewayStack stack) =>
        from line in stack.Gateway.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        where line.StartsWith('{')
        let entry = JsonDocument.Parse(line).RootElement
        where entry.TryGetProperty("eventName", out var name) && name.GetString() == "Audit"
        select entry;

    private static string Text(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) ? value.ToString() : "";
}
