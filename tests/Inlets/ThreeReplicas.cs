using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Sealing;
using OrgGateway.Sessions;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.Sessions;

namespace OrgGateway.Tests.Inlets;

/// <summary>
/// Three gateways over one Redis with every inlet configured. Beside the demo's provider they know another, <c>signed</c>, whose keys
/// the tests hold: it signs logout tokens and security events as each test wants them.
/// </summary>
public sealed class ThreeReplicas : IAsyncLifetime, IAsyncDisposable
{
    public const string Collection = "three replicas";
    public const string ScimToken = "a scim token of the tests";
    public const string Audience = "https://gateway.test/events";
    public const string ClientId = "gateway-at-signed";
    private GatewayStack? _stack;
    private Replica? _operator;

    public HostileProvider Other { get; } = new();
    public RedisServer Redis { get; } = new();
    public GatewayStack Stack => _stack!;

    /// <summary>All three; the first is the one that browsers sign in at.</summary>
    public IReadOnlyList<Uri> Urls { get; private set; } = [];

    /// <summary>What an operator's command has: the sessions of the same store, in another process.</summary>
    internal Replica Operator => _operator!;

    public CookieClient Client { get; } = new();

    public async Task InitializeAsync()
    {
        await Redis.InitializeAsync();
        await Other.InitializeAsync();
        _stack = await GatewayStack.StartAsync(new() { Redis = Redis, Configure = (_, configuration) => Configure(configuration["Gateway"]!.AsObject()) });
        var others = await Task.WhenAll(Stack.StartReplicaAsync(), Stack.StartReplicaAsync());
        Urls = [Stack.Url, .. others.Select(o => o.Url)];
        var store = await RedisStore.ConnectAsync(new StoreOptions { Redis = Redis.Configuration, Timeout = TimeSpan.FromSeconds(3) }, NullLogger.Instance);
        _operator = new Replica(store, new FakeClock(realTimers: true) { UtcNow = TimeProvider.System.GetUtcNow() }, [new SealingKey("k1", DemoConfiguration.Secret)]);
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        if (_operator is not null)
            await _operator.DisposeAsync();
        if (_stack is not null)
            await _stack.DisposeAsync();
        Client.Dispose();
        await Other.DisposeAsync();
        await Redis.DisposeAsync();
    }

    /// <summary>A session of the provider <c>signed</c>, known to every replica.</summary>
    /// <returns>The cookie's value.</returns>
    public async Task<string> SessionAsync(string subject, string? sid = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        var record = TestSessions.Record(now, subject) with { Provider = "signed", Issuer = Other.Origin, ClientId = ClientId, ProviderSession = sid, Ends = now.AddHours(1) };
        var cookie = (await Operator.Sessions.CreateAsync(record, default))!.Value.Cookie;
        await AssertInAsync(cookie);
        return cookie;
    }

    public async Task AssertInAsync(string cookie)
    {
        foreach (var url in Urls)
            Assert.Equal(System.Net.HttpStatusCode.OK, await Client.StatusAsync(url, "/me", cookie));
    }

    /// <summary>Out on every replica within a second; the bound leaves room for a busy machine.</summary>
    public Task OutAsync(string cookie, string how) => Wait.UntilAsync(
        async () => (await Task.WhenAll(Urls.Select(url => Client.StatusAsync(url, "/me", cookie)))).All(s => s == System.Net.HttpStatusCode.Unauthorized),
        TimeSpan.FromSeconds(5),
        how + " ends the session on every replica");

    /// <summary>A logout token as it should be, but for the changes.</summary>
    public string LogoutToken(Action<JsonObject>? claims = null, Action<JsonObject>? header = null, ProviderKey? key = null)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var payload = new JsonObject
        {
            ["iss"] = Other.Origin, ["aud"] = ClientId, ["iat"] = now, ["exp"] = now + 120, ["jti"] = RandomNumberGenerator.GetHexString(16),
            ["events"] = new JsonObject { ["http://schemas.openid.net/event/backchannel-logout"] = new JsonObject() },
        };
        return Sign(payload, "logout+jwt", claims, header, key);
    }

    /// <summary>A security event as it should be, but for the changes.</summary>
    public string Event(string type, JsonObject subject, Action<JsonObject>? claims = null, Action<JsonObject>? header = null)
    {
        var payload = new JsonObject
        {
            ["iss"] = Other.Origin, ["aud"] = Audience, ["iat"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), ["jti"] = RandomNumberGenerator.GetHexString(16),
            ["sub_id"] = subject,
            ["events"] = new JsonObject { ["https://schemas.openid.net/secevent/caep/event-type/" + type] = new JsonObject { ["event_timestamp"] = 1_700_000_000 } },
        };
        return Sign(payload, "secevent+jwt", claims, header, null);
    }

    public static async Task<HttpResponseMessage> PostAsync(Uri gateway, string path, HttpContent content)
    {
        using var http = new HttpClient();
        return await http.PostAsync(new Uri(gateway, path), content);
    }

    public static Task<HttpResponseMessage> LogoutAsync(Uri gateway, string token) =>
        PostAsync(gateway, "/auth/backchannel-logout", new FormUrlEncodedContent([new("logout_token", token)]));

    public static Task<HttpResponseMessage> DeliverAsync(Uri gateway, string token) =>
        PostAsync(gateway, "/auth/events", new StringContent(token, new System.Net.Http.Headers.MediaTypeHeaderValue("application/secevent+jwt")));

    private void Configure(JsonObject gateway)
    {
        gateway["DefaultIdentityProvider"] = "main";
        gateway["IdentityProviders"]!["signed"] = new JsonObject { ["Issuer"] = Other.Origin, ["ClientId"] = ClientId, ["ClientSecret"] = "a secret that nobody asks for" };
        gateway["Scim"] = new JsonObject { ["Token"] = ScimToken };
        gateway["SharedSignals"] = new JsonObject
        {
            ["Transmitters"] = new JsonObject { ["signals"] = new JsonObject { ["Issuer"] = Other.Origin, ["Audience"] = Audience, ["JwksUrl"] = Other.Origin + "/jwks", ["IdentityProvider"] = "main" } },
        };
    }

    private string Sign(JsonObject payload, string type, Action<JsonObject>? claims, Action<JsonObject>? header, ProviderKey? key)
    {
        claims?.Invoke(payload);
        key ??= Other.SigningKey;
        var jose = key.Header();
        jose["typ"] = type;
        header?.Invoke(jose);
        return key.Sign(jose, payload);
    }
}
