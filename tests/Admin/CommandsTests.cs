using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Admin;

/// <summary>Commands for operators, against the store that running gateways use.</summary>
public sealed class CommandsTests(AdminServers servers) : IClassFixture<AdminServers>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Sessions_are_listed_and_revoked_from_the_command_line()
    {
        using var bob = await servers.Stack.SignedInAsync("bob@globex.test");
        var table = await RunAsync("sessions", "list", "--user", "bob@globex.test");
        Assert.Equal(0, table.ExitCode);
        Assert.StartsWith("SESSION", table.Output);
        Assert.Contains("u-bob", table.Output);
        var listed = JsonNode.Parse((await RunAsync("sessions", "list", "--user", "bob@globex.test", "--json")).Output)!["items"]!.AsArray();
        Assert.Equal("u-bob", (string?)Assert.Single(listed)!["subject"]);

        var revoked = await RunAsync("sessions", "revoke", (string)listed[0]!["id"]!);
        Assert.True(revoked.ExitCode == 0, revoked.Output);
        using var client = new CookieClient();
        foreach (var gateway in new[] { servers.Stack.Gateway, servers.Replica })
            await Wait.UntilAsync(async () => await client.StatusAsync(gateway.Url, "/me", servers.Stack.SessionOf(bob)) == HttpStatusCode.Unauthorized, Bound, "the session ends on every replica");
        // In the audit of one replica, whichever it is; the command's own log is nobody's.
        await Wait.UntilAsync(() => Task.FromResult(Audited("access.revoked reason=admin") == 1), Bound, "the revocation is audited");
        Assert.Equal(1, Audited("session.ended reason=admin issuer=" + servers.Stack.Provider.Issuer + " subject=u-bob"));
        Assert.Equal(2, (await RunAsync("sessions", "revoke")).ExitCode);
        Assert.Equal(2, (await RunAsync("sessions", "revoke", "not-an-id")).ExitCode);
    }

    [Fact]
    public async Task Explain_prints_a_table_or_JSON()
    {
        var text = await RunAsync("explain", "--path", "/orgs/acme/admin/x");
        Assert.True(text.ExitCode == 0, text.Output);
        Assert.Matches("(?m)^Status +401$", text.Output);
        Assert.Matches("(?m)^Route +administration$", text.Output);
        var json = JsonNode.Parse((await RunAsync("explain", "--path", "/orgs/acme/admin/x", "--json")).Output)!;
        Assert.Equal(("refuse", 401), ((string?)json["outcome"], (int)json["status"]!));
        Assert.Equal(2, (await RunAsync("explain", "--path", "no-slash")).ExitCode);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_and_numbers_out_of_range_are_no_success()
    {
        var dead = servers.Stack.Configuration.DeepClone().AsObject();
        dead["Gateway"]!["Store"]!["Redis"] = $"127.0.0.1:{FreePort.Next()}";
        foreach (var command in new[] { "list", "refresh" })
        {
            var run = await GatewayProcess.RunToExitAsync(["org-tokens", command], dead.ToJsonString());
            Assert.Equal((command, 1), (command, run.ExitCode));
            Assert.Contains("The store does not answer.", run.Output);
        }
        Assert.Equal(0, (await RunAsync("org-tokens", "list")).ExitCode);
        Assert.Contains("1/1 acme", (await RunAsync("org-tokens", "refresh", "--org", "acme")).Output);
        Assert.Equal(2, (await RunAsync("sessions", "list", "--limit", "0")).ExitCode);
        Assert.Equal(2, (await RunAsync("sessions", "list", "--skip", "-1")).ExitCode);
        Assert.Equal(0, (await RunAsync("sessions", "list", "--limit", "500", "--skip", "0")).ExitCode);
    }

    [Fact]
    public async Task The_store_in_memory_is_another_process()
    {
        var configuration = DemoConfiguration.Of("http://localhost:8080", "http://localhost:8090", "http://localhost:8091");
        var refused = await GatewayProcess.RunToExitAsync(["sessions", "list"], configuration.ToJsonString());
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("The store is Memory", refused.Output);
    }

    [Fact]
    public async Task What_is_done_to_a_key_from_the_command_line_is_audited_once()
    {
        var made = await RunAsync("keys", "create", "--org", "acme", "--json");
        var id = (string)JsonNode.Parse(made.Output[made.Output.IndexOf('{', StringComparison.Ordinal)..])!["id"]!;
        Assert.Equal(0, (await RunAsync("keys", "revoke", id)).ExitCode);
        foreach (var happened in new[] { "api_key.created", "access.revoked reason=api_key_revoked" })
            await Wait.UntilAsync(() => Task.FromResult(Audited(happened, "key=" + id) == 1), Bound, happened + " is audited");
    }

    [Fact]
    public async Task No_keys_are_said_to_people_and_are_an_empty_list_to_scripts()
    {
        var none = await RunAsync("keys", "list", "--org", "globex");
        Assert.Equal((0, "There are no keys of globex."), (none.ExitCode, none.Output.Trim()));
        var json = await RunAsync("keys", "list", "--org", "globex", "--json");
        Assert.Equal((0, "[]"), (json.ExitCode, json.Output.Trim()));
    }

    [Fact]
    public async Task Keys_are_a_table_whose_names_cannot_move_a_terminals_cursor()
    {
        Assert.Equal(0, (await RunAsync("keys", "create", "--org", "acme", "--name", "night\u001b[2Jjob")).ExitCode);

        var lines = (await RunAsync("keys", "list", "--org", "acme")).Output.Split('\n');

        Assert.StartsWith("KEY ", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.Contains("  night?[2Jjob  ", StringComparison.Ordinal) && line.TrimEnd().EndsWith('-'));
        Assert.DoesNotContain(lines, line => line.Contains('\u001b'));
    }

    private int Audited(string beginning, string also = "address=command") => new[] { servers.Stack.Gateway, servers.Replica }
        .SelectMany(gateway => gateway.Output.Split('\n'))
        .Count(line => line.Contains(beginning, StringComparison.Ordinal) && line.Contains(also, StringComparison.Ordinal) && line.Contains("address=command", StringComparison.Ordinal));

    private Task<FinishedRun> RunAsync(params string[] arguments) => GatewayProcess.RunToExitAsync(arguments, servers.Stack.Configuration.ToJsonString());
}
