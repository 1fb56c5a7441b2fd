using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;

namespace OrgGateway.Tests.Servers;

/// <summary>What the tests of sign-in and refresh expect of the foreign provider.</summary>
public sealed class NodeProviderTests(NodeProvider provider) : IClassFixture<NodeProvider>
{
    private const string Verifier = "a-code-verifier-of-at-least-43-characters-00";
    private static readonly HttpClient Http = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });

    private string RedirectUri => $"{provider.Origin}/auth/callback";

    [Fact]
    public async Task It_signs_in_through_its_form_and_spends_refresh_tokens_once()
    {
        var tokens = await TokenAsync(new()
        {
            ["grant_type"] = "authorization_code",
            ["code"] = await SignInAsync("alice@acme.test"),
            ["redirect_uri"] = RedirectUri,
            ["code_verifier"] = Verifier,
        });
        var claims = ClaimsOf((string)tokens["id_token"]!);
        Assert.Equal("alice@acme.test", (string?)claims["email"]);
        Assert.True((bool)claims["email_verified"]!);
        Assert.Equal("admin", (string?)claims["organizations"]!["org_acme"]!["roles"]![0]);
        Assert.Equal("viewer", (string?)claims["organizations"]!["org_globex"]!["roles"]![0]);

        var rotated = await RefreshAsync(tokens);
        Assert.NotEqual((string?)tokens["refresh_token"], (string?)rotated["refresh_token"]);
        Assert.Equal("invalid_grant", (string?)(await RefreshAsync(tokens))["error"]);
        Assert.Equal("invalid_grant", (string?)(await RefreshAsync(rotated))["error"]);
        var stats = await provider.StatsAsync();
        Assert.Equal((1, 1, 2), ((int)stats["signIns"]!, (int)stats["refreshes"]!, (int)stats["refreshErrors"]!));
    }

    /// <returns>The authorization code that arrives at the redirect URI, where nothing needs to listen.</returns>
    private async Task<string> SignInAsync(string email)
    {
        var challenge = Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        var next = new Uri($"{provider.Issuer}/auth?client_id={NodeProvider.ClientId}&response_type=code&scope=openid%20email%20profile&state=s"
            + $"&redirect_uri={Uri.EscapeDataString(RedirectUri)}&code_challenge={challenge}&code_challenge_method=S256");
        Dictionary<string, string> cookies = [];
        for (var hop = 0; !next.AbsoluteUri.StartsWith(RedirectUri, StringComparison.Ordinal); hop++)
        {
            Assert.InRange(hop, 0, 5);
            var isForm = next.AbsolutePath.StartsWith("/interaction/", StringComparison.Ordinal);
            using var step = new HttpRequestMessage(isForm ? HttpMethod.Post : HttpMethod.Get, next);
            if (isForm) step.Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["email"] = email, ["password"] = NodeProvider.Password });
            step.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
            using var answer = await Http.SendAsync(step);
            foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
                cookies[cookie.Split('=')[0]] = cookie.Split('=', 2)[1].Split(';')[0];
            next = new Uri(next, answer.Headers.Location!);
        }
        return HttpUtility.ParseQueryString(next.Query)["code"]!;
    }

    private Task<JsonObject> RefreshAsync(JsonObject tokens) =>
        TokenAsync(new() { ["grant_type"] = "refresh_token", ["refresh_token"] = (string)tokens["refresh_token"]! });

    private async Task<JsonObject> TokenAsync(Dictionary<string, string> parameters)
    {
        var secret = Encoding.ASCII.GetBytes($"{NodeProvider.ClientId}:{NodeProvider.ClientSecret}");
        using var call = new HttpRequestMessage(HttpMethod.Post, $"{provider.Issuer}/token") { Content = new FormUrlEncodedContent(parameters) };
        call.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(secret));
        using var answer = await Http.SendAsync(call);
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    private static JsonNode ClaimsOf(string token) => JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]))!;
}
