using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Conformance;

/// <summary>One switch per module: what the provider does wrong, or unusually, in it. The names are the suite's, without their prefix.</summary>
public static class ConformanceModules
{
    public const string Basic = "basic";
    public const string FormPost = "form-post";

    /// <summary>The client's key, where it signs for itself.</summary>
    public static readonly string KeyFile = Path.Combine(Path.GetTempPath(), $"orggateway-client-{Environment.ProcessId}.pem");

    /// <summary>The providers and their settings at the gateway, where they differ.</summary>
    public static readonly IReadOnlyDictionary<string, JsonObject> Providers = new Dictionary<string, JsonObject>
    {
        [Basic] = new() { ["MaxIdTokenLength"] = 131_072 },
        ["es256"] = new() { ["IdTokenAlgorithms"] = new JsonArray("ES256") },
        ["one-key"] = [],
        ["several-keys"] = [],
        ["rotated-before"] = [],
        ["rotated"] = [],
        ["other-issuer"] = [],
        ["aliases"] = [],
        [FormPost] = new() { ["ResponseMode"] = "form_post" },
        [FormPost + "-one-key"] = new() { ["ResponseMode"] = "form_post" },
        [FormPost + "-several-keys"] = new() { ["ResponseMode"] = "form_post" },
        ["pushed"] = new()
        {
            ["PushedAuthorization"] = "Auto", ["ClientAuthentication"] = "private_key_jwt", ["ClientSecret"] = null, ["SigningKeyFile"] = KeyFile,
            ["SigningKeyId"] = "client-key", ["SigningAlgorithm"] = "PS256",
        },
        ["pushed-with-secret"] = new() { ["PushedAuthorization"] = "Require" },
        ["pushed-off"] = new() { ["PushedAuthorization"] = "Off" },
        ["pushed-nowhere"] = new() { ["PushedAuthorization"] = "Require" },
        ["bound"] = new() { ["DPoP"] = true },
        ["signed"] = new() { ["UserInfoAlgorithm"] = "RS256" },
        ["slow"] = new() { ["BackchannelTimeout"] = "00:00:03" },
        ["slow-keys"] = new() { ["BackchannelTimeout"] = "00:00:03" },
        ["slow-metadata"] = new() { ["BackchannelTimeout"] = "00:00:03" },
    };

    private static readonly Dictionary<string, (string Provider, Action<HostileProvider> Switch)> Switches = new(StringComparer.Ordinal)
    {
        ["oidcc-client-test"] = (Basic, _ => { }),
        ["invalid-iss"] = (Basic, p => p.ChangeClaims = claims => claims["iss"] = "https://another.example"),
        ["invalid-aud"] = (Basic, p => p.ChangeClaims = claims => claims["aud"] = "another-client"),
        ["missing-sub"] = (Basic, p => p.ChangeClaims = claims => claims.Remove("sub")),
        ["missing-iat"] = (Basic, p => p.ChangeClaims = claims => claims.Remove("iat")),
        ["missing-aud"] = (Basic, p => p.ChangeClaims = claims => claims.Remove("aud")),
        ["kid-absent-single-jwks"] = ("one-key", _ => { }),
        ["kid-absent-multiple-jwks"] = ("several-keys", _ => { }),
        ["idtoken-sig-rs256"] = (Basic, _ => { }),
        ["idtoken-sig-none"] = (Basic, p =>
        {
            p.ChangeHeader = header => header["alg"] = "none";
            p.ChangeIdToken = token => token[..(token.LastIndexOf('.') + 1)];
        }),
        ["invalid-sig-rs256"] = (Basic, p => p.ChangeIdToken = WithAnotherSignature),
        ["invalid-sig-es256"] = ("es256", p => p.ChangeIdToken = WithAnotherSignature),
        ["invalid-sig-hs256"] = (Basic, p => p.ChangeIdToken = SignedWithSecret),
        ["userinfo-invalid-sub"] = (Basic, p => p.ChangeUserInfo = claims => (claims["sub"], claims["email"]) = ("mallory", "mallory@evil.test")),
        ["nonce-invalid"] = (Basic, p => p.ChangeClaims = claims => claims["nonce"] = "of-another-login"),
        ["scope-userinfo-claims"] = (Basic, p => p.ChangeUserInfo = claims => claims["name"] = "Alice Archer"),
        ["client-secret-basic"] = (Basic, _ => { }),
        ["discovery-openid-config"] = (Basic, _ => { }),
        ["discovery-jwks-uri-keys"] = (Basic, _ => { }),
        ["discovery-issuer-mismatch"] = ("other-issuer", _ => { }),
        ["signing-key-rotation-just-before-signing"] = ("rotated-before", p => p.Token.Answer = async context =>
        {
            p.Token.Answer = null;
            p.RotateKey("key-2");
            await p.Token.AnswerProperlyAsync(context);
        }),
        ["signing-key-rotation"] = ("rotated", _ => { }),
        ["nonce-unless-code-flow"] = (Basic, _ => { }),
        ["invalid-athash"] = (Basic, p => p.ChangeClaims = claims => claims["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA"),
        ["missing-athash"] = (Basic, p => p.ChangeClaims = claims => claims.Remove("at_hash")),
        ["invalid-chash"] = (Basic, p => p.Front.ChangeResponse = answer => answer["id_token"] = p.IdToken(claims => claims["c_hash"] = "AAAAAAAAAAAAAAAAAAAAAA")),
        ["missing-chash"] = (Basic, p => p.Front.ChangeResponse = answer => answer["id_token"] = p.IdToken()),
        ["userinfo-bearer-header"] = (Basic, _ => { }),
        ["userinfo-bearer-body"] = (Basic, _ => { }),
        ["aggregated-claims"] = (Basic, p => p.ChangeUserInfo = claims => AddSource(claims, new() { ["JWT"] = p.IdToken(c => c["phone_number"] = "555") })),
        ["distributed-claims"] = (Basic, p => p.ChangeUserInfo = claims =>
            AddSource(claims, new() { ["endpoint"] = p.Origin + "/claims-source", ["access_token"] = "for-the-source" })),
        ["mtls-endpoint-aliases"] = ("aliases", _ => { }),
        ["form-post-error"] = (Basic, p => p.Front.ChangeResponse = answer =>
        {
            answer.Remove("code");
            answer["error"] = "login_required";
        }),
        ["session-management"] = (Basic, p => p.Front.ChangeResponse = answer => answer["session_state"] = "a-hash.a-salt"),
        ["invalid-authorization-response-iss"] = (Basic, p => p.Front.ChangeResponse = answer => answer["iss"] = "https://another.example"),
        ["remove-authorization-response-iss"] = (Basic, p => p.Front.ChangeResponse = answer => answer.Remove("iss")),
        ["ensure-authorization-response-with-invalid-state-fails"] = (Basic, p => p.Front.ChangeResponse = answer => answer["state"] += "x"),
        ["ensure-authorization-response-with-missing-state-fails"] = (Basic, p => p.Front.ChangeResponse = answer => answer.Remove("state")),
        ["invalid-alternate-alg"] = ("es256", p => p.IdTokenKey = p.PublishedKeys[1]),
        ["invalid-null-alg"] = (Basic, p => p.ChangeHeader = header => header["alg"] = null),
        ["invalid-expired-exp"] = (Basic, p => p.ChangeClaims = claims => claims["exp"] = claims["iat"]!.GetValue<long>() - 300),
        ["invalid-missing-exp"] = (Basic, p => p.ChangeClaims = claims => claims.Remove("exp")),
        ["invalid-missing-iss"] = (Basic, p => p.ChangeClaims = claims => claims.Remove("iss")),
        ["invalid-missing-aud"] = (Basic, p => p.ChangeClaims = claims => claims.Remove("aud")),
        ["invalid-missing-nonce"] = (Basic, p => p.ChangeClaims = claims => claims.Remove("nonce")),
        ["invalid-secondary-aud"] = (Basic, p => p.ChangeClaims = claims => claims["aud"] = new JsonArray(HostileProvider.ClientId, "another-client")),
        ["valid-aud-as-array"] = (Basic, p => p.ChangeClaims = claims => claims["aud"] = new JsonArray(HostileProvider.ClientId)),
        ["token-type-case-insensitivity"] = (Basic, p => p.ChangeTokens = tokens => tokens["token_type"] = "bEaReR"),
        ["token-endpoint-response-without-expires_in"] = (Basic, p => p.ChangeTokens = tokens => tokens.Remove("expires_in")),
    };

    /// <summary>Done once, before the gateway starts: what it reads of the provider is kept.</summary>
    public static void Prepare(string name, HostileProvider provider)
    {
        switch (name)
        {
            case "es256":
                provider.SigningKey = ProviderKey.Ec("ec-1");
                provider.PublishedKeys = [provider.SigningKey, ProviderKey.Rsa("rsa-1")];
                break;
            case "pushed" or "pushed-with-secret" or "pushed-off":
                provider.ChangeMetadata = metadata =>
                {
                    metadata["pushed_authorization_request_endpoint"] = provider.Origin + "/par";
                    metadata["require_pushed_authorization_requests"] = true;
                };
                break;
            case Basic:
                provider.ChangeMetadata = metadata => metadata["revocation_endpoint"] = provider.Origin + "/revoke";
                break;
            case "one-key" or FormPost + "-one-key":
                provider.RotateKey(null);
                break;
            case "several-keys" or FormPost + "-several-keys":
                provider.RotateKey(null);
                provider.PublishedKeys = [provider.SigningKey, ProviderKey.Rsa(null)];
                break;
            case "other-issuer":
                provider.ChangeMetadata = metadata => metadata["issuer"] = "https://another.example";
                break;
            case "aliases":
                provider.ChangeMetadata = metadata => metadata["mtls_endpoint_aliases"] = new JsonObject
                {
                    ["token_endpoint"] = provider.Origin + "/mtls/token", ["userinfo_endpoint"] = provider.Origin + "/mtls/userinfo",
                };
                break;
        }
    }

    /// <returns>The module's provider, which behaves as the module says from now on.</returns>
    public static HostileProvider Turn(string module, ConformanceServers servers) => Turn(module, servers.Provider(Switches[module].Provider));

    public static HostileProvider Turn(string module, HostileProvider provider)
    {
        provider.Behave();
        Switches[module].Switch(provider);
        return provider;
    }

    /// <returns>The name of the organization at the gateway that is of the module's provider.</returns>
    public static string OrganizationOf(string module) => Switches[module].Provider;

    public static string WithAnotherSignature(string token)
    {
        var parts = token.Split('.');
        var signature = Base64Url.DecodeFromChars(parts[2]);
        signature[10] ^= 1;
        return $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(signature)}";
    }

    private static string SignedWithSecret(string token)
    {
        var payload = JsonNode.Parse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Split('.')[1])))!.AsObject();
        var key = ProviderKey.Hmac(HostileProvider.ClientSecret);
        return key.Sign(key.Header(), payload);
    }

    private static void AddSource(JsonObject claims, JsonObject source)
    {
        claims["_claim_names"] = new JsonObject { ["email"] = "elsewhere" };
        claims["_claim_sources"] = new JsonObject { ["elsewhere"] = source };
    }
}
