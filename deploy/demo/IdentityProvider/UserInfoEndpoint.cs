using System.Text.Json.Nodes;

namespace OrgGateway.Demo.IdentityProvider;

/// <summary>OpenID Connect Core §5.3, with the memberships of this moment.</summary>
internal sealed class UserInfoEndpoint(TokenIssuer tokens)
{
    public Task HandleAsync(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        context.Response.Headers.CacheControl = "no-store";
        if (!authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return Challenge(context, "Bearer");
        if (tokens.GrantOf(authorization["Bearer ".Length..].Trim()) is not { } grant || tokens.UserOf(grant) is not { } user)
            return Challenge(context, "Bearer error=\"invalid_token\"");

        var claims = new JsonObject();
        TokenIssuer.AddProfile(claims, grant, user);
        return context.Response.WriteAsJsonAsync(claims, context.RequestAborted);
    }

    private static Task Challenge(HttpContext context, string challenge)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = challenge;
        return Task.CompletedTask;
    }
}
