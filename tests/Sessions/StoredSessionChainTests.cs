using System.Net;
using System.Security.Cryptography;
using System.Text;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.SignIn;

namespace OrgGateway.Tests.Sessions;

/// <summary>What stands in Redis, and what happens when it is changed or gone.</summary>
public sealed class StoredSessionChainTests(DemoServersOnRedis demo) : IClassFixture<DemoServersOnRedis>
{
    private GatewayStack Stack => demo.Stack;

    [Fact]
    [Trait("Row", "S11")]
    public async Task The_record_holds_three_tokens_with_three_expiries()
    {
        var before = TimeProvider.System.GetUtcNow();
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        var record = await StoredSession.ReadAsync(demo.Redis, Stack.SessionOf(browser)!);
        Assert.Equal(3, new HashSet<string?> { record.AccessToken, record.IdToken, record.RefreshToken }.Count);
        Assert.InRange(record.AccessTokenExpires, before + TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(2), before + TimeSpan.FromMinutes(6));
        Assert.InRange(record.IdTokenExpires, before + TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(2), before + TimeSpan.FromMinutes(6));
        Assert.InRange(record.RefreshTokenExpires!.Value, before + TimeSpan.FromDays(7) - TimeSpan.FromSeconds(2), before + TimeSpan.FromDays(7.1));
    }

    [Fact]
    [Trait("Row", "S16")]
    public async Task A_tampered_record_is_no_session_and_its_cookie_is_cleared()
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        var cookie = Stack.SessionOf(browser)!;
        var key = StoredSession.KeyOf(cookie);
        var value = (await demo.Redis.DumpAllAsync())[key];
        await demo.Redis.AskAsync("SETRANGE", key, "60", value[60] == (byte)'x' ? "y" : "x");

        // A replica without a copy of its own reads what stands there.
        var replica = await Stack.StartReplicaAsync();
        using var client = new CookieClient();
        using var answer = await client.GetAsync(replica.Url, "/me", cookie);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.StartsWith("orggw=; expires=Thu, 01 Jan 1970", Assert.Single(answer.Headers.GetValues("Set-Cookie")));
    }

    [Fact]
    [Trait("Row", "S14")]
    public async Task A_session_is_read_once_for_a_request_and_not_at_all_while_warm()
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        var cookie = Stack.SessionOf(browser)!;
        var replica = await Stack.StartReplicaAsync();
        using var client = new CookieClient();
        var before = await ReadsAsync();
        Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(replica.Url, "/orgs/acme/docs", cookie));
        Assert.Equal(1, await ReadsAsync() - before);
        for (var i = 0; i < 20; i++)
            Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(replica.Url, "/orgs/acme/docs", cookie));
        Assert.Equal(1, await ReadsAsync() - before);
    }

    [Fact]
    [Trait("Row", "O11")]
    [Trait("Row", "O12")]
    [Trait("Row", "O22")]
    [Trait("Row", "O23")]
    public async Task A_login_is_one_record_gone_at_the_first_answer_whatever_it_is()
    {
        await demo.Redis.FlushAsync();
        var login = await PendingLogin.BeginAsync(Stack);
        using var browser = login.Browser;
        var (key, value) = Assert.Single(await LoginsAsync());
        var record = StoredSession.OpenLogin(key, value);
        Assert.Equal(("main", $"{Stack.Origin}/auth/callback", "/me?from=login"), (record.Provider, record.RedirectUri, record.Next));
        Assert.Equal(SHA256.HashData(Encoding.ASCII.GetBytes(PendingLogin.Of(login.Authorize, "nonce"))), record.NonceHash);
        Assert.DoesNotContain(login.State, key);
        Assert.InRange((long)(await demo.Redis.AskAsync("PTTL", key))!, 1, 300_000);

        var answer = await login.ReturnAsync(login.CallbackWith(("code", null), ("error", "access_denied")));
        Assert.Empty(await LoginsAsync());
        Assert.Empty(browser.Cookies.Names(Stack.Url));
        Assert.Contains(answer.Hops[0].SetCookies, line => line.Contains("-login-", StringComparison.Ordinal) && line.Contains("1970", StringComparison.Ordinal));

        // Expired is the same as never begun.
        var late = await PendingLogin.BeginAsync(browser, "/auth/login");
        await demo.Redis.AskAsync("DEL", Assert.Single(await LoginsAsync()).Key);
        var before = Stack.Provider.Counters.Token.Value;
        Assert.Equal("state", PendingLogin.Of((await late.ReturnAsync()).Hops[0].Location!, "error"));
        Assert.Equal(before, Stack.Provider.Counters.Token.Value);
    }

    [Fact]
    [Trait("Row", "T57")]
    public async Task Twenty_parallel_calls_of_scripts_and_sockets_begin_no_login()
    {
        var before = (await LoginsAsync()).Count;
        using var browser = Stack.BrowserFor();
        var requests = Enumerable.Range(0, 5).SelectMany(_ => LoginChainTests.NotNavigations()).ToList();
        Assert.Equal(20, requests.Count);
        var answers = await Task.WhenAll(requests.Select(request => browser.SendAsync(request, CancellationToken.None)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode));
        Assert.All(answers, answer => Assert.False(answer.Headers.Contains("Set-Cookie")));
        Assert.Equal(before, (await LoginsAsync()).Count);
    }

    private async Task<IReadOnlyList<KeyValuePair<string, byte[]>>> LoginsAsync() =>
        [.. (await demo.Redis.DumpAllAsync()).Where(pair => pair.Key.StartsWith("orggw:login:", StringComparison.Ordinal))];

    private async Task<long> ReadsAsync() => (await demo.Redis.CommandStatsAsync()).GetValueOrDefault("get");
}
