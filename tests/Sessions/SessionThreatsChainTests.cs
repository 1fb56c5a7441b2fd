using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Sealing;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.SignIn;

namespace OrgGateway.Tests.Sessions;

/// <summary>Attacks on sessions and cookies, and a store that forgets, at running gateways over one Redis.</summary>
public sealed partial class SessionThreatsChainTests : IAsyncLifetime, IDisposable
{
    private readonly RedisServer _redis = new();
    private readonly CookieClient _client = new();
    private readonly FakeClock _clock = new(realTimers: true) { UtcNow = TimeProvider.System.GetUtcNow() };
    private GatewayStack? _stack;

    private GatewayStack Stack => _stack!;

    public async Task InitializeAsync()
    {
        await _redis.InitializeAsync();
        _stack = await GatewayStack.StartAsync(new()
        {
            Redis = _redis,
            Configure = (_, configuration) => configuration["Gateway"]!["Sessions"] = new JsonObject { ["CopyFor"] = "00:00:01" },
        });
    }

    public void Dispose() => _client.Dispose();

    public async Task DisposeAsync()
    {
        if (_stack is not null)
            await _stack.DisposeAsync();
        await _redis.DisposeAsync();
    }

    // One fact for all: what they share is minutes of starting servers.
    [Fact]
    [Trait("Row", "T49")]
    [Trait("Row", "T79")]
    [Trait("Row", "T53")]
    [Trait("Row", "T94")]
    [Trait("Row", "T95")]
    [Trait("Row", "S37")]
    [Trait("Row", "S39")]
    [Trait("Row", "O118")]
    [Trait("Row", "T145")]
    [Trait("Row", "G14")]
    [Trait("Row", "K28")]
    public async Task Sessions_withstand_what_is_sent_and_what_breaks()
    {
        await PlantedCookiesAreDeadAfterSignInAsync();
        using var browser = await Stack.SignedInAsync("alice@acme.test");
        var cookie = Stack.SessionOf(browser)!;
        await AlteredCookiesAreNobodysAsync(cookie);
        await OddCookieHeadersAreAnonymousAsync();
        await AnotherEnvironmentsSessionIsNoneAsync(cookie);
        await HostsBelowOneDomainShareTheSessionAsync();
        await WarmRequestsAskNobodyAsync(cookie);
        await AlteredRecordsAreMissesAsync();
        await AlteredStatesAreUnknownAsync();
        await StoppedRedisCostsOrganizationRoutesNothingAsync();
        await AnEmptyRedisIsASignInAndNoLoopAsync();
    }

    private async Task PlantedCookiesAreDeadAfterSignInAsync()
    {
        // The attacker's own live session, and a second cookie of the same name from a sibling host (T49); session_state is tolerated (O118).
        using var attacker = await Stack.SignedInAsync("dave@nowhere.test");
        var planted = Stack.SessionOf(attacker)!;
        var login = await PendingLogin.BeginAsync(Stack);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Stack.Url, login.CallbackWith(("session_state", "of-the-provider"))));
        request.Headers.Add("Cookie", $"orggw={planted}; {login.Browser.Cookies.Header(new Uri(Stack.Url, "/auth/callback"))}; orggw={new string('B', 43)}");
        using var answer = await http.SendAsync(request);
        var set = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("orggw=", StringComparison.Ordinal));
        var fresh = set["orggw=".Length..set.IndexOf(';', StringComparison.Ordinal)];
        Assert.NotEqual(planted, fresh);
        Assert.Equal(HttpStatusCode.OK, await _client.StatusAsync(Stack.Url, "/me", fresh));
        Assert.Equal(HttpStatusCode.Unauthorized, await _client.StatusAsync(Stack.Url, "/me", planted));
        Assert.Equal(HttpStatusCode.Unauthorized, await _client.StatusAsync(Stack.Url, "/me", new string('B', 43)));
        login.Browser.Dispose();
    }

    private async Task AlteredCookiesAreNobodysAsync(string cookie)
    {
        var answers = new HashSet<string>();
        for (var i = 0; i < cookie.Length; i++)
        {
            var altered = cookie.ToCharArray();
            altered[i] = altered[i] == 'x' ? 'y' : 'x';
            using var answer = await _client.GetAsync(Stack.Url, "/me", new string(altered));
            answers.Add((int)answer.StatusCode + RequestId().Replace(await answer.Content.ReadAsStringAsync(), ""));
        }
        Assert.StartsWith("401", Assert.Single(answers), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await _client.StatusAsync(Stack.Url, "/me", cookie));
    }

    private async Task OddCookieHeadersAreAnonymousAsync()
    {
        string[] headers =
        [
            ";", "=", "", "a", "orggw", "orggw=", "orggw=;orggw=", ";;;;", "=orggw=x", "orggw=\"" + new string('A', 43) + "\"", "orggw_chunks=99999999; orggw_1=a", "orggwC1=99999999", new string('c', 60 * 1024),
            string.Join("; ", Enumerable.Range(0, 3000).Select(i => $"orggw_{i}=x")), "orggw=" + new string('A', 60_000),
        ];
        foreach (var header in headers)
            Assert.True(await RawStatusAsync("Cookie: " + header) is 401 or 431 or 400, header[..Math.Min(header.Length, 40)]);
        Assert.True(await RawStatusAsync("Cookie: orggw=\0") is 400 or 401);
    }

    private async Task AnotherEnvironmentsSessionIsNoneAsync(string cookie)
    {
        var configuration = DemoConfiguration.Elsewhere(Stack.Configuration);
        configuration["Gateway"]!["IdentityProviders"]!["main"]!["ClientId"] = "gateway-of-staging";
        var staging = await Stack.StartGatewayAsync(configuration);
        Assert.Equal(HttpStatusCode.Unauthorized, await _client.StatusAsync(staging.Url, "/me", cookie));
        Assert.Equal(HttpStatusCode.OK, await _client.StatusAsync(Stack.Url, "/me", cookie)); // and it is not ended there
        await staging.StopAsync();
    }

    // Sign-in at app.gw.localhost; docs.gw.localhost has the session without a prompt, and a host elsewhere does not get the cookie.
    private async Task HostsBelowOneDomainShareTheSessionAsync()
    {
        var configuration = DemoConfiguration.Elsewhere(Stack.Configuration);
        var port = new Uri((string)configuration["Urls"]!).Port;
        var (app, docs) = ($"app.gw.localhost:{port}", $"docs.gw.localhost:{port}");
        configuration["Gateway"]!["PublicOrigin"] = "http://" + app;
        configuration["Gateway"]!["AdditionalOrigins"] = new JsonArray("http://" + docs);
        configuration["Gateway"]!["Sessions"] = new JsonObject { ["Cookie"] = "orggw", ["CookieDomain"] = "gw.localhost" };
        await using var gateway = await GatewayProcess.StartAsync(configuration, new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Development" });
        using var browser = await Stack.SignedInAsync("alice@acme.test"); // the provider knows the person
        Stack.Provider.Register(DemoDirectory.Gateway("http://" + app));
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        async Task<HttpResponseMessage> AskAsync(string host, string path, string? cookies)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Url, path));
            request.Headers.Host = host;
            if (cookies is not null)
                request.Headers.TryAddWithoutValidation("Cookie", cookies);
            return await http.SendAsync(request);
        }

        using var begun = await AskAsync(app, "/auth/login?next=/me", null);
        var answered = await browser.GetOneAsync(begun.Headers.Location!.AbsoluteUri, CancellationToken.None);
        using var done = await AskAsync(app, answered.Hops[0].Location!.PathAndQuery, string.Join("; ", begun.Headers.GetValues("Set-Cookie").Select(c => c.Split(';')[0])));
        var (atDocs, elsewhere) = (new BrowserJar(new Uri("http://" + docs)), new BrowserJar(new Uri("http://gw.other.test")));
        foreach (var line in done.Headers.GetValues("Set-Cookie").Where(c => c.StartsWith("orggw=", StringComparison.Ordinal)))
        {
            atDocs.Receive(line);
            elsewhere.Receive(line);
        }
        Assert.Equal((1, 0), (atDocs.Count, elsewhere.Count));
        using var there = await AskAsync(docs, "/me", atDocs.Header);
        Assert.Equal(HttpStatusCode.OK, there.StatusCode);
        using var signedOut = await AskAsync(docs, "/auth/logout", atDocs.Header);
        foreach (var line in signedOut.Headers.GetValues("Set-Cookie"))
            atDocs.Receive(line);
        Assert.Equal(0, atDocs.Count); // deleted for the domain it was set for
        Stack.Provider.Register(DemoDirectory.Gateway(Stack.Origin));
    }

    private async Task WarmRequestsAskNobodyAsync(string cookie)
    {
        var counters = Stack.Provider.Counters;
        long Calls() => counters.Token.Value + counters.UserInfo.Value + counters.Jwks.Value + counters.Discovery.Value;
        Assert.Equal(HttpStatusCode.OK, await _client.StatusAsync(Stack.Url, "/orgs/acme/docs", cookie));
        var before = Calls();
        foreach (var _ in Enumerable.Range(0, 20))
            Assert.All(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _client.StatusAsync(Stack.Url, "/orgs/acme/docs", cookie))), s => Assert.Equal(HttpStatusCode.OK, s));
        Assert.Equal(0, Calls() - before);
    }

    private async Task AlteredRecordsAreMissesAsync()
    {
        await using var seed = new Replica(await RedisStore.ConnectAsync(new StoreOptions { Redis = _redis.Configuration, Timeout = TimeSpan.FromSeconds(3) }, NullLogger.Instance), _clock, [new SealingKey("k1", DemoConfiguration.Secret)]);
        var answers = new HashSet<string>();
        for (var at = 0; ; at += 37) // version, key id, nonce, ciphertext, tag
        {
            var record = TestSessions.Record(_clock.UtcNow) with { Issuer = Stack.Provider.Issuer };
            var cookie = (await seed.Sessions.CreateAsync(record, default))!.Value.Cookie;
            var (key, value) = (StoredSession.KeyOf(cookie), (await _redis.DumpAllAsync())[StoredSession.KeyOf(cookie)]);
            if (at >= value.Length)
            {
                Assert.Equal(HttpStatusCode.OK, await _client.StatusAsync(Stack.Url, "/me", cookie)); // unaltered: else this proves nothing
                break;
            }
            value[at] ^= 1;
            await _redis.AskAsync("SET", key, Encoding.Latin1.GetString(value), "KEEPTTL");
            using var answer = await _client.GetAsync(Stack.Url, "/me", cookie);
            answers.Add((int)answer.StatusCode + RequestId().Replace(await answer.Content.ReadAsStringAsync(), ""));
        }
        Assert.StartsWith("401", Assert.Single(answers), StringComparison.Ordinal);
    }

    private async Task AlteredStatesAreUnknownAsync()
    {
        var login = await PendingLogin.BeginAsync(Stack);
        var answers = new HashSet<string>();
        for (var at = 0; at < login.State.Length; at += 3)
        {
            var altered = login.State.ToCharArray();
            altered[at] = altered[at] == 'x' ? 'y' : 'x';
            var visit = await login.ReturnAsync(login.CallbackWith(("state", new string(altered))));
            answers.Add(visit.Status + visit.Hops[0].Location?.AbsolutePath + System.Web.HttpUtility.ParseQueryString(visit.Hops[0].Location?.Query ?? "")["code"]);
        }
        Assert.Single(answers);
        login.Browser.Dispose();
    }

    private async Task StoppedRedisCostsOrganizationRoutesNothingAsync()
    {
        using var alice = await Stack.SignedInAsync("alice@acme.test");
        var cookie = Stack.SessionOf(alice)!;
        Assert.Equal(HttpStatusCode.OK, await _client.StatusAsync(Stack.Url, "/orgs/acme/reports/x", cookie));
        await _redis.KillAsync();
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        while (System.Diagnostics.Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(4))
            Assert.Equal(HttpStatusCode.OK, await _client.StatusAsync(Stack.Url, "/orgs/acme/reports/x", cookie));
        await _redis.StartAgainAsync();
    }

    private async Task AnEmptyRedisIsASignInAndNoLoopAsync()
    {
        await Wait.UntilAsync(async () => await _client.StatusAsync(Stack.Url, "/me", new string('A', 43)) == HttpStatusCode.Unauthorized, TimeSpan.FromSeconds(30), "the store is read again");
        using var browser = await Stack.SignedInAsync("bob@globex.test");
        var cookie = Stack.SessionOf(browser)!;
        await _redis.FlushAsync();
        await Wait.UntilAsync(async () => await _client.StatusAsync(Stack.Url, "/me", cookie) == HttpStatusCode.Unauthorized, TimeSpan.FromSeconds(30), "the session is gone");
        var again = await browser.GetAsync("/me", CancellationToken.None); // the provider still knows the person
        Assert.Equal((200, "/me"), (again.Status, again.Url.AbsolutePath));
    }

    private async Task<int> RawStatusAsync(string header)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Stack.Url.Host, Stack.Url.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"GET /me HTTP/1.1\r\nHost: {Stack.Url.Authority}\r\nConnection: close\r\n{header}\r\n\r\n"));
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var line = new byte[12];
        await stream.ReadExactlyAsync(line, bound.Token);
        return int.Parse(Encoding.ASCII.GetString(line)[9..], System.Globalization.CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("\"requestId\":\"[^\"]*\"")]
    private static partial Regex RequestId();
}
