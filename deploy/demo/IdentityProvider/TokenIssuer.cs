using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace OrgGateway.Demo.IdentityProvider;

/// <summary>Writes the tokens and the claims in them.</summary>
internal sealed class TokenIssuer(
    ProviderAddress address, DemoProviderOptions options, Registrations registrations, Grants grants, SigningKeys keys)
{
    public const string IdTokenType = "JWT";
    public const string AccessTokenType = "at+jwt";

    /// <summary>The token response of a code or refresh grant (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).</summary>
    public JsonObject TokensFor(Grant grant, DemoUser user, DemoClient client, IReadOnlyList<string> scopes, string? orgId, bool atSignIn)
    {
        var accessToken = AccessToken(grant, scopes, orgId);
        var response = new JsonObject
        {
            ["access_token"] = accessToken,
            ["token_type"] = "Bearer",
            ["expires_in"] = (long)options.AccessTokenLifetime.TotalSeconds,
            ["scope"] = string.Join(' ', scopes),
            ["id_token"] = IdToken(grant, user, accessToken, atSignIn ? grant.Nonce : null),
        };
        if (grant.Has("offline_access") && client.MayUse(DemoClient.RefreshToken))
        {
            response["refresh_token"] = grants.IssueRefreshToken(grant);
            response["refresh_expires_in"] = (long)options.RefreshTokenLifetime.TotalSeconds; // as Keycloak says it
        }
        return response;
    }

    public JsonObject TokensFor(DemoClient client, string scope)
    {
        var claims = Dated(options.AccessTokenLifetime);
        claims["aud"] = options.Audience;
        claims["sub"] = client.ClientId;
        claims["client_id"] = client.ClientId;
        claims["scope"] = scope;
        claims["jti"] = RandomId.New();
        if (client.OrgId is { } orgId)
            claims["org_id"] = orgId;
        return new JsonObject
        {
            ["access_token"] = keys.Sign(AccessTokenType, claims),
            ["token_type"] = "Bearer",
            ["expires_in"] = (long)options.AccessTokenLifetime.TotalSeconds,
            ["scope"] = scope,
        };
    }

    /// <summary>A token for another audience, of the same person and organization as the one presented.</summary>
    public JsonObject Exchanged(Grant grant, DemoClient client, string subjectToken, string audience) => new()
    {
        ["access_token"] = AccessToken(grant, grant.Scopes, keys.Verify(AccessTokenType, subjectToken)?["org_id"]?.GetValue<string>(), audience),
        ["issued_token_type"] = "urn:ietf:params:oauth:token-type:access_token",
        ["token_type"] = "Bearer",
        ["expires_in"] = (long)options.AccessTokenLifetime.TotalSeconds,
        ["scope"] = string.Join(' ', grant.Scopes.Where(_ => client.MayUse(DemoClient.TokenExchange))),
    };

    public string LogoutToken(SsoSession session, DemoClient client)
    {
        var claims = Dated(TimeSpan.FromMinutes(2));
        claims["aud"] = client.ClientId;
        claims["sub"] = session.Sub;
        claims["sid"] = session.Sid;
        claims["jti"] = RandomId.New();
        claims["events"] = new JsonObject { ["http://schemas.openid.net/event/backchannel-logout"] = new JsonObject() };
        return keys.Sign("logout+jwt", claims);
    }

    /// <returns>The live grant behind a user's access token, or null.</returns>
    public Grant? GrantOf(string accessToken) =>
        keys.Verify(AccessTokenType, accessToken) is { } claims
        && claims["exp"]!.GetValue<long>() > options.Clock.GetUtcNow().ToUnixTimeSeconds()
        && claims["jti"]!.GetValue<string>().Split('.') is [var grantId, _]
            ? grants.FindLive(grantId)
            : null;

    /// <summary>The claims about the person, the same in the ID token and at the userinfo endpoint.</summary>
    public static void AddProfile(JsonObject claims, Grant grant, DemoUser user)
    {
        claims["sub"] = user.Sub;
        if (grant.Has("email"))
        {
            claims["email"] = user.Email;
            claims["email_verified"] = user.EmailVerified;
        }

        if (grant.Has("profile"))
            claims["name"] = user.Name;
        claims["organizations"] = new JsonObject(user.Memberships.Select(membership => KeyValuePair.Create(
            membership.OrgId,
            (JsonNode?)new JsonObject
            {
                ["slug"] = membership.Slug,
                ["name"] = membership.OrgName,
                ["roles"] = Strings(membership.Roles),
                ["permissions"] = Strings(membership.Permissions),
            })));
    }

    private string AccessToken(Grant grant, IReadOnlyList<string> scopes, string? orgId, string? audience = null)
    {
        var claims = Dated(options.AccessTokenLifetime);
        claims["aud"] = audience ?? options.Audience;
        claims["sub"] = grant.Sub;
        if (orgId is not null)
            claims["org_id"] = orgId;
        claims["client_id"] = grant.ClientId;
        claims["scope"] = string.Join(' ', scopes);
        claims["sid"] = grant.Sid;
        claims["auth_time"] = grant.AuthTime.ToUnixTimeSeconds();
        claims["jti"] = $"{grant.Id}.{RandomId.New()}";
        return keys.Sign(AccessTokenType, claims);
    }

    private string IdToken(Grant grant, DemoUser user, string accessToken, string? nonce)
    {
        var claims = Dated(options.IdTokenLifetime);
        claims["aud"] = grant.ClientId;
        claims["auth_time"] = grant.AuthTime.ToUnixTimeSeconds();
        claims["sid"] = grant.Sid;
        // The left half of the hash (OpenID Connect Core §3.1.3.6).
        claims["at_hash"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(accessToken)).AsSpan(0, 16));
        if (nonce is not null)
            claims["nonce"] = nonce;
        AddProfile(claims, grant, user);
        return keys.Sign(IdTokenType, claims);
    }

    private JsonObject Dated(TimeSpan lifetime)
    {
        var now = options.Clock.GetUtcNow();
        return new JsonObject
        {
            ["iss"] = address.Issuer,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + lifetime).ToUnixTimeSeconds(),
        };
    }

    public DemoUser? UserOf(Grant grant) => registrations.User(grant.Sub);

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode)value)]);
}
