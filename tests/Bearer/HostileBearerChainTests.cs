using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Bearer;

/// <summary>Forged tokens sent to a running gateway: each is refused with 401, none reaches the upstream, none causes a request.</summary>
public sealed class HostileBearerChainTests(BearerServers servers) : IClassFixture<BearerServers>, IDisposable
{
    private readonly BearerClient _client = new(servers.Stack.Url);
    private readonly int _hits = servers.Stack.Upstream.Hits;

    private HostileProvider Issuer => servers.Discovered;

    private string Token(Action<JsonObject>? claims = null, Action<JsonObject>? header = null, ProviderKey? key = null) => Issuer.IdToken(
        payload =>
        {
            payload["aud"] = BearerServers.Audience;
            payload["organizations"] = new JsonObject { ["org_acme"] = new JsonObject { ["roles"] = new JsonArray("admin") } };
            claims?.Invoke(payload);
        },
        header, key);

    [Fact, Trait("Row", "T84")]
    public async Task Without_a_signature()
    {
        foreach (var alg in new[] { "none", "None", "nOnE", "" })
            await RefusedAsync(Token(header: h => h["alg"] = alg), WithoutSignature(Token(header: h => h["alg"] = alg)));
        await RefusedAsync(WithoutSignature(Token()), Token().Split('.')[0] + "." + Token().Split('.')[1]);
    }

    [Fact, Trait("Row", "T85"), Trait("Row", "A2")]
    public async Task Signed_with_the_public_key_as_if_it_were_a_secret()
    {
        using var rsa = RSA.Create(new RSAParameters { Modulus = Decoded("n"), Exponent = Decoded("e") });
        byte[][] secrets = [Encoding.UTF8.GetBytes(rsa.ExportSubjectPublicKeyInfoPem()), rsa.ExportSubjectPublicKeyInfo(), rsa.ExportRSAPublicKey(), Decoded("n"), Encoding.UTF8.GetBytes((string)Issuer.SigningKey.Jwk["n"]!)];
        foreach (var secret in secrets)
        {
            var parts = Token(header: h => h["alg"] = "HS256").Split('.');
            await RefusedAsync($"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(parts[0] + "." + parts[1])))}");
        }
        // And the other way round: the issuer with a secret takes no other algorithm.
        await RefusedAsync(Token(c => c["iss"] = BearerServers.SecretIssuer));
    }

    [Fact, Trait("Row", "T86")]
    public async Task Encrypted_and_inflating()
    {
        var enc = Base64Url.EncodeToString("""{"alg":"dir","enc":"A256GCM","zip":"DEF"}"""u8);
        await RefusedAsync($"{enc}..AAAA.AAAA.AAAA", $"{enc}.AAAA.AAAA.{new string('A', 8000)}.AAAA", Token() + ".AAAA.AAAA");
    }

    [Fact, Trait("Row", "T87"), Trait("Row", "T88")]
    public async Task With_headers_that_bring_a_key_or_change_the_reading()
    {
        var own = ProviderKey.Rsa("key-1");
        await using var attacker = new EchoUpstream();
        await attacker.StartAsync();
        foreach (var name in new[] { "jku", "x5u" })
            await RefusedAsync(Token(header: h => h[name] = attacker.Url + "/jwks", key: own));
        await RefusedAsync(
            Token(header: h => h["jwk"] = own.Jwk.DeepClone(), key: own), Token(header: h => h["x5c"] = new JsonArray("MIIB"), key: own),
            Token(header: h => { h["crit"] = new JsonArray("b64"); h["b64"] = false; }), Token(header: h => h["b64"] = false), Token(header: h => h["zip"] = "DEF"), Token(header: h => h["crit"] = new JsonArray("exp")));
        Assert.Equal(0, attacker.Hits);
    }

    [Fact, Trait("Row", "T89"), Trait("Row", "T90")]
    public async Task With_odd_key_ids_keys_and_signatures()
    {
        foreach (JsonNode kid in new JsonNode[] { "../../../../dev/null", "x' UNION SELECT 'y", 7, new string('k', 10_240), new JsonArray("key-1") })
            await RefusedAsync(Token(header: h => h["kid"] = kid.DeepClone()));
        await RefusedAsync(Token(header: h => h["alg"] = "ES256"), Token(key: ProviderKey.Rsa("key-1")), Token(key: ProviderKey.Rsa("weak", bits: 1024)));
        var ec = servers.Keyed.IdToken(c => { c["aud"] = BearerServers.Audience; c["organizationId"] = "org_acme"; });
        foreach (var signature in new[] { new byte[64], new byte[63], new byte[65], DerOf(ec) })
            await RefusedAsync(ec[..ec.LastIndexOf('.')] + "." + Base64Url.EncodeToString(signature));
    }

    [Fact, Trait("Row", "T91")]
    public async Task Too_large_too_deep_or_with_a_claim_twice()
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        string With(string more) => Raw($$$"""{"iss":"{{{BearerServers.SecretIssuer}}}","aud":"{{{BearerServers.Audience}}}","organizations":{"org_acme":{"roles":["admin"]}},"iat":{{{now}}},"exp":{{{now + 60}}}""" + more + "}");

        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/machine/acme/x", With(",\"sub\":\"alice\""))).Status);
        await RefusedAsync(
            With($",\"sub\":\"alice\",\"pad\":\"{new string('x', 14_000)}\""), With(",\"sub\":\"alice\",\"deep\":" + new string('[', 4_000) + new string(']', 4_000)), Raw(new string('[', 5_000)),
            With(",\"sub\":\"alice\",\"sub\":\"bob\""), With(",\"sub\":\"alice\",\"aud\":\"other\""), With(",\"sub\":\"alice\",\"iss\":\"other\""));
    }

    [Fact, Trait("Row", "T67"), Trait("Row", "T92")]
    public async Task For_another_audience_or_of_another_issuer()
    {
        await RefusedAsync(
            Token(c => c["aud"] = BearerServers.Audience + "/"), Token(c => c["aud"] = BearerServers.Audience.ToUpperInvariant()), Token(c => c["aud"] = "other"), Token(c => c.Remove("aud")),
            Token(c => c["aud"] = new JsonArray("other")), Token(c => c["aud"] = new JsonObject { ["a"] = BearerServers.Audience }), Token(c => c["aud"] = 7),
            Token(c => c["iss"] = servers.Keyed.Issuer), Token(c => c["iss"] = Issuer.Issuer + "/"), Token(c => c["iss"] = Issuer.Issuer.ToUpperInvariant()));
    }

    [Fact, Trait("Row", "T93")]
    public async Task Made_for_another_purpose()
    {
        await RefusedAsync(
            Token(c => c["nonce"] = "n"), Token(c => c["at_hash"] = "h"), Token(c => c["typ"] = "ID"), Token(c => c["token_use"] = "id"), Token(c => c["typ"] = "Refresh"),
            Token(c => c["events"] = new JsonObject()), Token(header: h => h["typ"] = "logout+jwt"), Token(header: h => h["typ"] = "secevent+jwt"), Token(header: h => h["typ"] = "dpop+jwt"));
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/machine/acme/x", Token())).Status);
    }

    public void Dispose() => _client.Dispose();

    private async Task RefusedAsync(params string[] tokens)
    {
        foreach (var token in tokens)
        {
            var answer = await _client.GetAsync("/machine/acme/x", token);
            Assert.True(answer.Status == HttpStatusCode.Unauthorized, $"{answer.Status} {answer.Code} for {token[..Math.Min(token.Length, 200)]}");
            Assert.StartsWith("Bearer error=", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
        }
        Assert.DoesNotContain(servers.Stack.Upstream.Requests.Skip(_hits), r => tokens.Contains(r.Header("Authorization")?["Bearer ".Length..]));
    }

    private byte[] Decoded(string member) => Base64Url.DecodeFromChars((string)Issuer.SigningKey.Jwk[member]!);

    private static string WithoutSignature(string token) => token[..(token.LastIndexOf('.') + 1)];

    // The same signature in the form of X.509 in place of RFC 7518's.
    private static byte[] DerOf(string token)
    {
        var signature = Base64Url.DecodeFromChars(token.AsSpan(token.LastIndexOf('.') + 1));
        return [0x30, 0x46, 0x02, 0x21, 0, .. signature[..32], 0x02, 0x21, 0, .. signature[32..]];
    }

    // With a right signature, whatever the payload: what is refused is then not the signature.
    private static string Raw(string payload)
    {
        var input = Base64Url.EncodeToString("""{"alg":"HS256","typ":"at+jwt"}"""u8) + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload));
        return $"{input}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(BearerServers.Secret), Encoding.ASCII.GetBytes(input)))}";
    }
}
