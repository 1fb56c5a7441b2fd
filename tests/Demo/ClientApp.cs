using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Demo;

/// <summary>A provider and one client of it that really listens, written from the specifications and not from the gateway.</summary>
public sealed class ClientApp : IAsyncDisposable
{
    public const string Verifier = "a-verifier-of-at-least-forty-three-characters-length";
    private readonly Channel<string> _logoutTokens = Channel.CreateUnbounded<string>();
    private readonly HttpClient _http = new();
    private readonly WebApplication _app;

    private ClientApp(WebApplication app, DemoProvider provider, DemoClient client) => (_app, Provider, Client) = (app, provider, client);

    public DemoProvider Provider { get; }

    public DemoClient Client { get; }

    public string RedirectUri => Client.RedirectUris[0];

    public ChannelReader<string> LogoutTokens => _logoutTokens.Reader;

    public static async Task<ClientApp> StartAsync(DemoProviderOptions options, Func<DemoClient, DemoClient> adjust)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.MapGet("/callback", () => "called back");
        app.MapGet("/bye", () => "bye");
        ClientApp? self = null;
        app.MapPost("/backchannel", async (HttpContext context) =>
            self!._logoutTokens.Writer.TryWrite((await context.Request.ReadFormAsync())["logout_token"].ToString()));
        await app.StartAsync();

        var origin = app.Urls.First();
        var provider = await DemoProvider.StartAsync(options, CancellationToken.None);
        var client = adjust(new DemoClient("client")
        {
            Secret = "secret: 100% + more",
            RedirectUris = [$"{origin}/callback"],
            PostLogoutRedirectUris = [$"{origin}/bye"],
            BackchannelLogoutUri = new Uri($"{origin}/backchannel"),
        });
        provider.Register(client);
        self = new ClientApp(app, provider, client);
        return self;
    }

    public static Task<ClientApp> StartAsync() => StartAsync(new DemoProviderOptions(), client => client);

    public DemoBrowser NewBrowser() => new(new Uri(Provider.Issuer));

    public string AuthorizeUrl(params (string Name, string? Value)[] changes)
    {
        var parameters = new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = Client.ClientId,
            ["redirect_uri"] = RedirectUri,
            ["scope"] = "openid profile email offline_access",
            ["state"] = "the state",
            ["nonce"] = "the nonce",
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))),
            ["code_challenge_method"] = "S256",
        };
        foreach (var (name, value) in changes)
            parameters[name] = value;
        return QueryHelpers.AddQueryString($"{Provider.Issuer}/authorize", parameters.Where(parameter => parameter.Value is not null));
    }

    public async Task<string> CodeAsync(DemoBrowser browser, params (string Name, string? Value)[] changes)
    {
        var end = await browser.SignInAsync(AuthorizeUrl(changes), "alice@acme.test", CancellationToken.None);
        return Assert.Single(QueryHelpers.ParseQuery(end.Url.Query)["code"])!;
    }

    public Task<(int Status, JsonObject Body)> RedeemAsync(string code, string verifier = Verifier) => TokenAsync(
        ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", RedirectUri), ("code_verifier", verifier));

    public Task<(int Status, JsonObject Body)> RefreshAsync(string refreshToken) =>
        TokenAsync(("grant_type", "refresh_token"), ("refresh_token", refreshToken));

    public async Task<JsonObject> SignInAsync(DemoBrowser browser)
    {
        var (status, tokens) = await RedeemAsync(await CodeAsync(browser));
        Assert.Equal(200, status);
        return tokens;
    }

    /// <summary>Calls the token endpoint with client_secret_basic, or as a public client.</summary>
    public Task<(int Status, JsonObject Body)> TokenAsync(params (string Name, string Value)[] fields)
    {
        if (Client.Secret is null)
            return PostTokenAsync(null, [.. fields, ("client_id", Client.ClientId)]);
        var secret = Uri.EscapeDataString(Client.Secret).Replace("%20", "+", StringComparison.Ordinal);
        var pair = $"{Uri.EscapeDataString(Client.ClientId)}:{secret}";
        return PostTokenAsync(Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)), fields);
    }

    public async Task<(int Status, JsonObject Body)> PostTokenAsync(string? basic, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Provider.Issuer}/token");
        request.Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        if (basic is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", basic);
        using var response = await _http.SendAsync(request);
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>())!);
    }

    public async Task<(int Status, string Body)> UserInfoAsync(string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Provider.Issuer}/userinfo");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        using var response = await _http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<JsonObject> GetJsonAsync(string path) =>
        (await _http.GetFromJsonAsync<JsonObject>(new Uri(new Uri(Provider.Issuer), path)))!;

    /// <returns>Header and claims of a JWT whose signature verifies with the published key it names.</returns>
    public async Task<(JsonObject Header, JsonObject Claims)> VerifyAsync(string jwt)
    {
        var parts = jwt.Split('.');
        var header = JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!.AsObject();
        var keys = (await GetJsonAsync("/jwks"))["keys"]!.AsArray();
        var key = Assert.Single(keys, key => key!["kid"]!.GetValue<string>() == header["kid"]!.GetValue<string>())!;
        using var rsa = RSA.Create(new RSAParameters
        {
            Modulus = Base64Url.DecodeFromChars(key["n"]!.GetValue<string>()),
            Exponent = Base64Url.DecodeFromChars(key["e"]!.GetValue<string>()),
        });
        var (signed, signature) = (Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]));
        Assert.True(rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        return (header, JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Provider.DisposeAsync();
        await _app.DisposeAsync();
    }
}
