using System.Diagnostics;
using System.Text.Json.Nodes;

namespace OrgGateway.Demo.IdentityProvider;

/// <summary>RFC 6749 §3.2: authorization code, refresh token and client credentials grants.</summary>
internal sealed class TokenEndpoint(Registrations registrations, Grants grants, TokenIssuer tokens, Faults faults, Counters counters)
{
    private const string OrganizationScope = "api";

    public async Task HandleAsync(HttpContext context)
    {
        if (await RequestForm.ReadAsync(context) is not { } form)
        {
            await RefuseAsync(context, "invalid_request", "the body is not a form");
            return;
        }

        if (form.FirstOrDefault(field => field.Value.Count > 1).Key is { } repeated)
        {
            await RefuseAsync(context, "invalid_request", $"{repeated} is given more than once");
            return;
        }

        switch (ClientAuthentication.Authenticate(context, form, registrations))
        {
            case ClientAuthenticationResult.Malformed(var description):
                await RefuseAsync(context, "invalid_request", description);
                break;
            case ClientAuthenticationResult.Refused:
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"token\"";
                await RefuseAsync(context, "invalid_client", "unknown client or wrong secret", StatusCodes.Status401Unauthorized);
                break;
            case ClientAuthenticationResult.Known(var client):
                await GrantAsync(context, client, form);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private Task GrantAsync(HttpContext context, DemoClient client, IFormCollection form)
    {
        string? grantType = form["grant_type"];
        if (grantType is not (DemoClient.AuthorizationCode or DemoClient.RefreshToken or DemoClient.ClientCredentials or DemoClient.TokenExchange))
            return RefuseAsync(context, "unsupported_grant_type", "the grant type is not supported");
        if (!client.MayUse(grantType))
            return RefuseAsync(context, "unauthorized_client", "the client may not use this grant type");
        return grantType switch
        {
            DemoClient.AuthorizationCode => RedeemCodeAsync(context, client, form),
            DemoClient.RefreshToken => RefreshAsync(context, client, form),
            DemoClient.TokenExchange => ExchangeAsync(context, client, form),
            _ => ClientCredentialsAsync(context, client, form),
        };
    }

    private Task RedeemCodeAsync(HttpContext context, DemoClient client, IFormCollection form)
    {
        counters.CodeGrants.Increment();
        return grants.TryRedeem(form["code"].ToString(), client, form["redirect_uri"], form["code_verifier"], out var grant)
            && tokens.UserOf(grant) is { } user
                ? AnswerAsync(context, tokens.TokensFor(grant, user, client, grant.Scopes, grant.OrgId, atSignIn: true))
                : RefuseAsync(context, "invalid_grant", "the code is unknown, used, expired or not yours");
    }

    private Task RefreshAsync(HttpContext context, DemoClient client, IFormCollection form)
    {
        counters.RefreshGrants.Increment();
        var asked = form["scope"].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // Tokens for one of the person's organizations, as several products give them on one refresh token.
        var orgId = form["organization_id"].ToString() is { Length: > 0 } parameter ? parameter : ScopedOrganization.Of(asked);
        if (orgId is not null && faults.RefreshErrors.TryGetValue(orgId, out var error))
            return RefuseAsync(context, error, "this organization wants a sign-in of its own");
        if (!grants.TryRotate(form["refresh_token"].ToString(), client, out var grant) || tokens.UserOf(grant) is not { } user)
            return RefuseAsync(context, "invalid_grant", "the refresh token is unknown, used, expired or revoked");

        counters.Refreshes.Increment();
        // A narrower scope may be asked for; words that were not granted are dropped rather than cost the caller its
        // only refresh token, which is used up by now.
        IReadOnlyList<string> scopes = asked.Length == 0 ? grant.Scopes : [.. grant.Scopes.Intersect(asked)];
        return AnswerAsync(context, tokens.TokensFor(grant, user, client, scopes, faults.RefreshesFor ?? orgId ?? grant.OrgId, atSignIn: false));
    }

    // RFC 8693 §2.1: for a token that another audience accepts.
    private Task ExchangeAsync(HttpContext context, DemoClient client, IFormCollection form)
    {
        counters.TokenExchanges.Increment();
        var audience = form["audience"].ToString();
        return tokens.GrantOf(form["subject_token"].ToString()) is { } grant && audience.Length > 0
            && form["subject_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
                ? AnswerAsync(context, tokens.Exchanged(grant, client, form["subject_token"].ToString(), audience))
                : RefuseAsync(context, "invalid_request", "subject_token or audience is missing or of no use");
    }

    private Task ClientCredentialsAsync(HttpContext context, DemoClient client, IFormCollection form)
    {
        counters.ClientCredentialsGrants.Increment();
        return form["scope"].ToString() is "" or OrganizationScope
            ? AnswerAsync(context, tokens.TokensFor(client, OrganizationScope))
            : RefuseAsync(context, "invalid_scope", $"the only scope is {OrganizationScope}");
    }

    private static Task RefuseAsync(HttpContext context, string error, string description, int status = StatusCodes.Status400BadRequest)
    {
        context.Response.StatusCode = status;
        return AnswerAsync(context, new JsonObject { ["error"] = error, ["error_description"] = description });
    }

    private static Task AnswerAsync(HttpContext context, JsonObject body)
    {
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(body, context.RequestAborted);
    }
}
