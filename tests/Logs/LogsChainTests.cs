using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Web;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Logs;

/// <summary>Everything a gateway writes at Trace level, through sign-in, use, refusals, faults and sign-out.</summary>
public sealed class LogsChainTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    [Fact]
    [Trait("Row", "A15")]
    [Trait("Row", "T111")]
    [Trait("Row", "K26")]
    public async Task A_chaos_run_at_Trace_level_logs_JSON_and_nothing_secret()
    {
        await using var stack = await GatewayStack.StartAsync(new()
        {
            Configure = (_, configuration) => configuration["Gateway"]!["Logging"] = JsonNode.Parse(
                """{ "Format": "Json", "Level": "Trace", "Levels": { "Microsoft": "Trace", "System": "Trace", "Yarp": "Trace" } }"""),
        });
        using var alice = stack.BrowserFor();
        var end = await alice.SignInAsync("/auth/login?next=/orgs/acme/page&invitation=inv-of-nobody-else", "alice@acme.test", CancellationToken.None);
        Assert.Equal(200, end.Status);
        using (var echo = await alice.SendAsync(new(HttpMethod.Get, "/orgs/acme/api/echo?secret-in-query=never-in-a-log"), CancellationToken.None))
            Assert.Equal(HttpStatusCode.OK, echo.StatusCode);
        var seen = SecretsIn(end).Append(stack.SessionOf(alice)!).Append("never-in-a-log").Append("inv-of-nobody-else")
            .Append(stack.Upstream.LastRequest.Header("Authorization")!["Bearer ".Length..])
            .Append("gateway-demo-secret").Append("acme-demo-secret").ToList();

        using (var report = await alice.SendAsync(new(HttpMethod.Get, "/orgs/acme/reports/1"), CancellationToken.None))
            seen.Add(stack.Upstream.LastRequest.Header("Authorization")!["Bearer ".Length..]);
        await RequestAsync(alice, "/orgs/initech/api/echo", HttpStatusCode.Forbidden);
        await RequestAsync(alice, "/auth/callback?code=forged-code-1234&state=forged-state-1234", null);
        await RequestAsync(alice, "/orgs/acme/api/%2F", null, ("Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJtYWxsb3J5In0."), ("X-Api-Key", "orgk_abcdefghijklmnop"));
        await stack.Upstream.StopAsync();
        await RequestAsync(alice, "/orgs/acme/api/echo?secret-in-query=never-in-a-log", HttpStatusCode.BadGateway);
        await alice.GetOneAsync("/auth/logout", CancellationToken.None);
        await Wait.UntilAsync(() => stack.Gateway.Output.Contains("session.signed_out", StringComparison.Ordinal) || stack.Gateway.Output.Contains("SessionEnded", StringComparison.Ordinal), Bound, "the sign-out is logged");
        Assert.Equal(0, await stack.Gateway.StopAsync());

        var log = stack.Gateway.Output;
        Assert.DoesNotMatch(CompactToken.Pattern, log);
        foreach (var secret in seen.Append("forged-code-1234").Append("forged-state-1234").Append("orgk_abcdefghijklmnop"))
            Assert.DoesNotContain(secret, log);
        var lines = log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Contains(lines, l => l.GetProperty("level").GetString() == "trace" || l.GetProperty("level").GetString() == "debug");
        Assert.Contains(lines, l => l.GetProperty("category").GetString()!.StartsWith("Yarp", StringComparison.Ordinal));
        var refused = lines.First(l => l.TryGetProperty("eventName", out var name) && name.GetString() == "Audit" && l.GetProperty("message").GetString()!.StartsWith("access.refused", StringComparison.Ordinal));
        Assert.True(DateTimeOffset.TryParse(refused.GetProperty("time").GetString(), out _));
        Assert.Equal(2000, refused.GetProperty("eventId").GetInt32());
        Assert.NotEmpty(refused.GetProperty("requestId").GetString()!);
        Assert.Contains(refused.GetProperty("message").GetString()!, log);
    }

    [Fact]
    public async Task Levels_and_formats_are_checked()
    {
        var refused = await GatewayProcess.RunToExitAsync(["check"], """{ "Gateway": { "Logging": { "Format": "xml", "Level": "Loud", "Levels": { "Yarp": "Quiet" } } } }""");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Gateway:Logging:Format: 'xml' is not one of Auto, Json, Text", refused.Output);
        Assert.Contains("Gateway:Logging:Level: 'Loud' is not one of Trace", refused.Output);
        Assert.Contains("Gateway:Logging:Levels:Yarp: 'Quiet' is not one of Trace", refused.Output);
    }

    private static async Task RequestAsync(DemoBrowser browser, string path, HttpStatusCode? expected, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await browser.SendAsync(request, CancellationToken.None);
        if (expected is { } status)
            Assert.Equal(status, answer.StatusCode);
    }

    // Codes, states, nonces and challenges of the sign-in, as they stood in the addresses.
    private static IEnumerable<string> SecretsIn(BrowserVisit visit) =>
        from hop in visit.Hops
        from address in new[] { hop.Url, hop.Location }
        where address is not null
        let query = HttpUtility.ParseQueryString(address.Query)
        from name in new[] { "code", "state", "nonce", "code_challenge" }
        where query[name] is { Length: > 0 }
        select query[name];
}
