using System.Text.Json.Nodes;

namespace OrgGateway.Demo.IdentityProvider;

/// <summary>The metadata document (OpenID Connect Discovery §4) and the key set.</summary>
internal sealed class DiscoveryEndpoint(ProviderAddress address, SigningKeys keys)
{
    public Task MetadataAsync(HttpContext context)
    {
        var issuer = address.Issuer;
        return context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["issuer"] = issuer,
            ["authorization_endpoint"] = $"{issuer}/authorize",
            ["token_endpoint"] = $"{issuer}/token",
            ["userinfo_endpoint"] = $"{issuer}/userinfo",
            ["jwks_uri"] = $"{issuer}/jwks",
            ["end_session_endpoint"] = $"{issuer}/end-session",
            ["scopes_supported"] = new JsonArray("openid", "profile", "email", "offline_access", "api"),
            ["response_types_supported"] = new JsonArray("code"),
            ["response_modes_supported"] = new JsonArray("query"),
            ["grant_types_supported"] = new JsonArray("authorization_code", "refresh_token", "client_credentials"),
            ["subject_types_supported"] = new JsonArray("public"),
            ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
            ["token_endpoint_auth_methods_supported"] = new JsonArray("client_secret_basic", "client_secret_post", "none"),
            ["code_challenge_methods_supported"] = new JsonArray("S256"),
            ["prompt_values_supported"] = new JsonArray("none", "login", "consent", "select_account"),
            ["claims_supported"] = new JsonArray(
                "sub", "email", "email_verified", "name", "organizations", "auth_time", "sid", "nonce", "at_hash"),
            ["authorization_response_iss_parameter_supported"] = true,
            ["backchannel_logout_supported"] = true,
            ["backchannel_logout_session_supported"] = true,
        }, context.RequestAborted);
    }

    public Task JwksAsync(HttpContext context) => context.Response.WriteAsJsonAsync(keys.Jwks(), context.RequestAborted);
}
