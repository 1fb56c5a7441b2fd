using System.Net;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sessions;

/// <summary>Redis dies under a running gateway and comes back.</summary>
public sealed class StoreOutageChainTests : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly RedisServer _redis = new();
    private GatewayStack? _stack;

    private GatewayStack Stack => _stack!;

    public async Task InitializeAsync()
    {
        await _redis.InitializeAsync();
        _stack = await GatewayStack.StartAsync(new() { Redis = _redis });
    }

    public async Task DisposeAsync()
    {
        await Stack.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    [Trait("Row", "T142")]
    public async Task Known_sessions_go_on_unknown_ones_wait_and_nobody_is_signed_out()
    {
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        var known = Stack.SessionOf(browser)!;
        var unknown = new string('A', 43);
        using var client = new CookieClient();
        Assert.Equal(HttpStatusCode.OK, await HealthAsync("ready"));

        await _redis.KillAsync();
        Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(Stack.Url, "/me", known));
        foreach (var path in new[] { "/me", "/orgs/acme/docs", "/auth/session", "/auth/logout" })
        {
            using var waiting = await client.GetAsync(Stack.Url, path, unknown);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, waiting.StatusCode);
            Assert.NotNull(waiting.Headers.RetryAfter);
            Assert.False(waiting.Headers.Contains("Set-Cookie"));
        }
        using var stranger = Stack.BrowserFor();
        var login = await stranger.GetOneAsync("/auth/login", CancellationToken.None);
        Assert.Equal(503, login.Status);
        Assert.Contains("session store does not answer", login.Body);
        Assert.Equal(HttpStatusCode.OK, await HealthAsync("live"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await HealthAsync("ready"));
        Assert.Equal(HttpStatusCode.OK, await client.StatusAsync(Stack.Url, "/me", known));

        await _redis.StartAgainAsync();
        await Wait.UntilAsync(async () => await client.StatusAsync(Stack.Url, "/me", unknown) == HttpStatusCode.Unauthorized, Bound, "the store is read again");
        await Wait.UntilAsync(async () => await HealthAsync("ready") == HttpStatusCode.OK, Bound, "ready again");
        using var next = await Stack.SignedInAsync("bob@globex.test");
        Assert.NotNull(Stack.SessionOf(next));
    }

    private async Task<HttpStatusCode> HealthAsync(string part)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(Stack.Gateway.ManagementUrl, "/health/" + part));
        return answer.StatusCode;
    }
}
