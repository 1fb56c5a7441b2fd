using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Conformance;

/// <summary>Tokens bound to a key of the session (DPoP, RFC 9449).</summary>
[Collection(ConformanceSuite.Name)]
public sealed class BoundTokenTests(ConformanceServers servers)
{
    private HostileProvider Provider => servers.Provider("bound");

    [Fact]
    public async Task Each_login_proves_a_key_of_its_own_and_takes_the_providers_nonces()
    {
        var keys = new List<string>();
        for (var login = 0; login < 2; login++)
        {
            using var run = await SignedInAsync("nonce-1");
            // The nonce costs one more request, once: the next login knows it.
            Assert.Equal((login == 0 ? 2 : 1, login == 0 ? 2 : 1), (run.TokenRequests, run.UserInfoRequests));
            var token = Verified(Provider.Token.LastRequest.Proof!, "POST", Provider.Origin + "/token");
            Assert.Equal("token-nonce-1", (string?)token.Claims["nonce"]);
            Assert.Null(token.Claims["ath"]);
            Assert.Equal("DPoP " + HostileProvider.AccessToken, Provider.UserInfo.LastRequest.Authorization);
            var info = Verified(Provider.UserInfo.LastRequest.Proof!, "GET", Provider.Origin + "/userinfo");
            Assert.Equal(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(HostileProvider.AccessToken))), (string?)info.Claims["ath"]);
            Assert.Equal((token.Thumbprint, token.Thumbprint), (info.Thumbprint, run.Provider.Front.LastRequest["dpop_jkt"]));
            keys.Add(token.Thumbprint);
            // An app gets the token without a proof, which only the key's holder can make.
            Assert.Equal("Bearer " + HostileProvider.AccessToken, servers.Upstream.LastRequest.Header("Authorization"));
            Assert.Null(servers.Upstream.LastRequest.Header("DPoP"));
        }
        Assert.NotEqual(keys[0], keys[1]);
    }

    [Fact]
    public async Task A_refresh_proves_the_key_of_its_session()
    {
        using var run = await SignedInAsync("nonce-2", tokens => (tokens["refresh_token"], tokens["expires_in"]) = ("refresh-1", 1));
        var first = Verified(Provider.Token.LastRequest.Proof!, "POST", Provider.Origin + "/token");
        var hits = Provider.Token.Hits;
        await Wait.UntilAsync(
            async () =>
            {
                await run.Browser.GetOneAsync("/plain", CancellationToken.None);
                return Provider.Token.Hits > hits;
            },
            TimeSpan.FromSeconds(20),
            "the token is refreshed");
        Assert.Equal("refresh_token", Provider.Token.LastRequest.Field("grant_type"));
        Assert.Equal(first.Thumbprint, Verified(Provider.Token.LastRequest.Proof!, "POST", Provider.Origin + "/token").Thumbprint);
    }

    [Fact]
    public async Task A_token_that_is_not_bound_though_it_was_to_be_is_refused()
    {
        Provider.Behave();
        using var run = (await ConformanceRun.OfAsync(servers, Provider, "bound")).Refused();
    }

    private async Task<ConformanceRun> SignedInAsync(string nonce, Action<JsonObject>? change = null)
    {
        Provider.Behave();
        Provider.ChangeTokens = tokens =>
        {
            tokens["token_type"] = "DPoP";
            change?.Invoke(tokens);
        };
        Provider.Token.Answer = context => ProofHasNonce(context, "token-" + nonce)
            ? Provider.Token.AnswerProperlyAsync(context)
            : HostileAnswers.Json(new JsonObject { ["error"] = "use_dpop_nonce" }, 400)(WithNonce(context, "token-" + nonce));
        Provider.UserInfo.Answer = context =>
        {
            if (ProofHasNonce(context, "userinfo-" + nonce))
                return Provider.UserInfo.AnswerProperlyAsync(context);
            context.Response.Headers.WWWAuthenticate = "DPoP error=\"use_dpop_nonce\"";
            return HostileAnswers.Status(401)(WithNonce(context, "userinfo-" + nonce));
        };
        return (await ConformanceRun.OfAsync(servers, Provider, "bound")).SignedIn();
    }

    private static HttpContext WithNonce(HttpContext context, string nonce)
    {
        context.Response.Headers["DPoP-Nonce"] = nonce;
        return context;
    }

    private static bool ProofHasNonce(HttpContext context, string nonce) =>
        context.Request.Headers["DPoP"].ToString() is { Length: > 0 } proof && (string?)Decoded(proof.Split('.')[1])["nonce"] == nonce;

    private static (JsonObject Claims, string Thumbprint) Verified(string proof, string method, string url)
    {
        var parts = proof.Split('.');
        var (header, claims) = (Decoded(parts[0]), Decoded(parts[1]));
        Assert.Equal(("dpop+jwt", "ES256"), ((string?)header["typ"], (string?)header["alg"]));
        var jwk = header["jwk"]!.AsObject();
        Assert.Equal(["crv", "kty", "x", "y"], jwk.Select(member => member.Key).Order());
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new() { X = Base64Url.DecodeFromChars((string)jwk["x"]!), Y = Base64Url.DecodeFromChars((string)jwk["y"]!) },
        });
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256));
        Assert.Equal((method, url), ((string?)claims["htm"], (string?)claims["htu"]));
        Assert.NotEmpty((string)claims["jti"]!);
        Assert.InRange((long)claims["iat"]!, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 60, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        var canonical = $"{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{(string)jwk["x"]!}\",\"y\":\"{(string)jwk["y"]!}\"}}";
        return (claims, Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(canonical))));
    }

    private static JsonObject Decoded(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part))!.AsObject();
}
