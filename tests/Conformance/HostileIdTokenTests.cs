using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Conformance;

/// <summary>Forged, odd and oversized ID Tokens, each through a whole login: an error page, no session, and the gateway goes on.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class HostileIdTokenTests(ConformanceServers servers)
{
    private HostileProvider Provider => servers.Provider(ConformanceModules.Basic);

    [Theory, Trait("Row", "T84")]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("nOnE")]
    [InlineData("")]
    public async Task No_algorithm_is_no_signature(string alg)
    {
        await RefusedAsync(token => WithHeader(token, header => header["alg"] = alg)[..(token.LastIndexOf('.') + 1)]);
        await RefusedAsync(token => WithHeader(token, header => header["alg"] = alg));
        await RefusedAsync(token => token[..(token.LastIndexOf('.') + 1)]);
    }

    [Fact, Trait("Row", "T85")]
    public async Task A_published_key_is_no_secret()
    {
        var jwk = Provider.SigningKey.Jwk;
        using var rsa = RSA.Create(new RSAParameters
        {
            Modulus = Base64Url.DecodeFromChars((string)jwk["n"]!), Exponent = Base64Url.DecodeFromChars((string)jwk["e"]!),
        });
        byte[][] secrets =
        [
            Encoding.ASCII.GetBytes(rsa.ExportSubjectPublicKeyInfoPem()), rsa.ExportSubjectPublicKeyInfo(), rsa.ExportParameters(false).Modulus!,
        ];
        foreach (var secret in secrets)
            await RefusedAsync(token =>
            {
                var header = Encode(new JsonObject { ["alg"] = "HS256", ["typ"] = "JWT", ["kid"] = Provider.SigningKey.Kid });
                var input = $"{header}.{token.Split('.')[1]}";
                return $"{input}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(input)))}";
            });
    }

    [Theory, Trait("Row", "T86"), Trait("Row", "O49")]
    [InlineData("""{"alg":"RSA-OAEP","enc":"A256GCM"}""")]
    [InlineData("""{"alg":"dir","enc":"A256GCM","zip":"DEF"}""")]
    public Task An_encrypted_token_is_not_opened(string header) => RefusedAsync(_ =>
        $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.AAAA.AAAAAAAAAAAAAAAA.{new string('A', 4000)}.AAAAAAAAAAAAAAAAAAAAAA");

    [Theory, Trait("Row", "T87")]
    [InlineData("jku")]
    [InlineData("x5u")]
    [InlineData("jwk")]
    [InlineData("x5c")]
    public async Task A_key_in_the_token_is_the_senders_word_for_the_sender(string member)
    {
        var forged = ProviderKey.Rsa("forged");
        await RefusedAsync(token => ReSigned(token, forged, header => header[member] = member switch
        {
            "jwk" => forged.Jwk.DeepClone(),
            "x5c" => new JsonArray("AAAA"),
            _ => Provider.Origin + "/forged-keys",
        }));
        Assert.Empty(Provider.Strays);
    }

    [Theory, Trait("Row", "T88")]
    [InlineData("crit", """["exp"]""")]
    [InlineData("b64", "false")]
    [InlineData("zip", "\"DEF\"")]
    public Task A_header_that_changes_how_the_token_is_read_refuses_it(string member, string value) =>
        RefusedAsync(token => ReSigned(token, Provider.SigningKey, header => header[member] = JsonNode.Parse(value)));

    [Fact, Trait("Row", "T89")]
    public async Task An_odd_key_id_is_no_key()
    {
        foreach (var kid in new JsonNode[] { "../../etc/passwd", "' OR 1=1 --", 7, new string('k', 10_000), "a\r\nb" })
            await RefusedAsync(token => ReSigned(token, Provider.SigningKey, header => header["kid"] = kid.DeepClone()));
        var ec = ProviderKey.Ec(Provider.SigningKey.Kid);
        await RefusedAsync(token => ReSigned(token, ec, _ => { }));
    }

    [Theory, Trait("Row", "T90")]
    [InlineData("der")]
    [InlineData("zero")]
    [InlineData("short")]
    [InlineData("long")]
    public async Task An_elliptic_signature_has_one_form(string form)
    {
        using var run = await RunAsync("es256", token =>
        {
            var parts = token.Split('.');
            var signature = Base64Url.DecodeFromChars(parts[2]);
            byte[] other = form switch
            {
                "der" => [0x30, 0x44, 0x02, 0x20, .. signature[..32], 0x02, 0x20, .. signature[32..]],
                "zero" => new byte[64],
                "short" => signature[..63],
                _ => [.. signature, 0],
            };
            return $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(other)}";
        });
        run.Refused();
    }

    [Fact, Trait("Row", "T91")]
    public async Task A_token_beyond_measure_is_refused_and_duplicates_pick_no_second_value()
    {
        const string Another = "one-key"; // no setting says that its tokens may be long
        using (var run = await RunAsync(Another, token => ReSigned(token, servers.Provider(Another).SigningKey, _ => { }, payload => payload["filler"] = new string('x', 20_000))))
            run.Refused();
        using (var run = await RunAsync(Another, token => ReSigned(token, servers.Provider(Another).SigningKey, _ => { }, payload => payload["filler"] = new string('x', 2_000))))
            run.SignedIn();
        await RefusedAsync(token => ReSigned(token, Provider.SigningKey, _ => { }, payload => payload["filler"] = new string('x', 150_000)));
        await RefusedAsync(token => SignedText(token, text => text[..^1] + ",\"deep\":" + new string('[', 2_000) + new string(']', 2_000) + "}"));
        await RefusedAsync(token => SignedText(token, text => text[..^1] + ",\"sub\":\"mallory\"}"));
        await RefusedAsync(token => SignedText(token, text => "{\"sub\":\"mallory\"," + text[1..]));
    }

    [Fact, Trait("Row", "T92")]
    public Task An_audience_is_compared_to_its_last_character() =>
        RefusedAsync(token => ReSigned(token, Provider.SigningKey, _ => { }, payload => payload["aud"] = HostileProvider.ClientId + "/"));

    [Fact, Trait("Row", "T93")]
    public async Task Another_kind_of_token_is_no_ID_token()
    {
        await RefusedAsync(token => ReSigned(token, Provider.SigningKey, header => header["typ"] = "at+jwt"));
        await RefusedAsync(token => ReSigned(token, Provider.SigningKey, header => header["typ"] = "logout+jwt"));
        await RefusedAsync(token => ReSigned(token, Provider.SigningKey, _ => { }, payload => payload["events"] = new JsonObject
        {
            ["http://schemas.openid.net/event/backchannel-logout"] = new JsonObject(),
        }));
        await RefusedAsync(_ => HostileProvider.AccessToken);

        // And an ID token is no credential of a request.
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(servers.Url, "/me"));
        request.Headers.Authorization = new("Bearer", Provider.IdToken());
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var answer = await http.SendAsync(request);
        Assert.Equal(401, (int)answer.StatusCode);
    }

    private async Task RefusedAsync(Func<string, string> change)
    {
        using var run = await RunAsync(ConformanceModules.Basic, change);
        run.Refused();
    }

    private async Task<ConformanceRun> RunAsync(string name, Func<string, string> change)
    {
        var provider = servers.Provider(name);
        provider.Behave();
        provider.ChangeIdToken = change;
        return await ConformanceRun.OfAsync(servers, provider, name);
    }

    private static string ReSigned(string token, ProviderKey key, Action<JsonObject> header, Action<JsonObject>? payload = null)
    {
        var claims = JsonNode.Parse(PayloadOf(token))!.AsObject();
        payload?.Invoke(claims);
        var jose = key.Header();
        header(jose);
        return key.Sign(jose, claims);
    }

    private string SignedText(string token, Func<string, string> change) =>
        Provider.SigningKey.SignText(Provider.SigningKey.Header(), change(PayloadOf(token)));

    private static string WithHeader(string token, Action<JsonObject> change)
    {
        var parts = token.Split('.');
        var header = JsonNode.Parse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])))!.AsObject();
        change(header);
        return $"{Encode(header)}.{parts[1]}.{parts[2]}";
    }

    private static string PayloadOf(string token) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Split('.')[1]));

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
