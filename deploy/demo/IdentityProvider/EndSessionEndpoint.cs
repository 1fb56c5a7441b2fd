using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace OrgGateway.Demo.IdentityProvider;

/// <summary>OpenID Connect RP-Initiated Logout: ends the browser's session here and tells every client that took part.</summary>
internal sealed class EndSessionEndpoint(
    ProviderAddress address, Registrations registrations, SsoSessions sessions, SigningKeys keys, FormGuard guard,
    BackchannelLogout backchannel, Counters counters, IHostApplicationLifetime lifetime)
{
    private const string ConfirmPurpose = "end-session";

    public async Task HandleAsync(HttpContext context)
    {
        counters.EndSession.Increment();
        var form = HttpMethods.IsPost(context.Request.Method) ? await RequestForm.ReadAsync(context) : null;
        string? Parameter(string name) => (form is null ? context.Request.Query[name] : form[name]) is [var value] ? value : null;

        if (!TryReadClient(Parameter("client_id"), Parameter("id_token_hint"), out var client, out var hint))
        {
            await FailAsync(context, "The app sent a sign-out that is not its own.");
            return;
        }

        var returnTo = Parameter("post_logout_redirect_uri");
        if (returnTo is not null && client?.PostLogoutRedirectUris.Contains(returnTo, StringComparer.Ordinal) != true)
        {
            await FailAsync(context, "The app asked to come back to an address that is not registered for it.");
            return;
        }

        var own = sessions.Find(context);
        var named = hint?["sid"]?.GetValue<string>() is { } sid ? sessions.FindBySid(sid) : null;
        // Without a hint that names this session any site could sign people out by a link (§2): ask first.
        if (own is not null && own.Sid != named?.Sid && !guard.Accepts(context, ConfirmPurpose, form?["confirm"]))
        {
            await ConfirmAsync(context, Parameter);
            return;
        }

        if (own is not null)
            sessions.ForgetCookie(context);
        foreach (var session in new[] { own, named }.OfType<SsoSession>().Distinct())
            await EndAsync(session, lifetime.ApplicationStopping);

        if (returnTo is null)
        {
            await new Page("Signed out", $"<h1>You are signed out</h1><p>You can close this page.</p>")
                .WriteAsync(context, StatusCodes.Status200OK);
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location =
            Parameter("state") is { } state ? QueryHelpers.AddQueryString(returnTo, "state", state) : returnTo;
    }

    // Not under the request's token: the other clients hear of the logout even when the browser has left.
    public async Task EndAsync(SsoSession session, CancellationToken cancellationToken)
    {
        if (sessions.End(session))
            await backchannel.SendAsync(session, cancellationToken);
    }

    /// <returns>False when the hint is not a token of this provider, or belongs to another client than the one named.</returns>
    private bool TryReadClient(string? clientId, string? idTokenHint, out DemoClient? client, out JsonObject? hint)
    {
        // An expired ID token is as good a hint as a fresh one (§4).
        hint = idTokenHint is null ? null : keys.Verify(TokenIssuer.IdTokenType, idTokenHint);
        var audience = hint?["iss"]?.GetValue<string>() == address.Issuer ? hint["aud"]?.GetValue<string>() : null;
        client = registrations.Client(clientId ?? audience);
        if (idTokenHint is not null && audience is null)
            return false;
        return (clientId is null || client is not null) && (clientId is null || audience is null || clientId == audience);
    }

    private Task ConfirmAsync(HttpContext context, Func<string, string?> parameter)
    {
        string[] carried = ["client_id", "id_token_hint", "post_logout_redirect_uri", "state"];
        var fields = carried.Where(name => parameter(name) is not null)
            .Select(name => (Markup)$"""<input type="hidden" name="{name}" value="{parameter(name)}">""");
        return new Page("Sign out", $"""
            <h1>Sign out?</h1>
            <p>This ends your session at the demo identity provider and in every app that uses it.</p>
            <form method="post" action="/end-session">
              {fields}
              <input type="hidden" name="confirm" value="{guard.Issue(context, ConfirmPurpose)}">
              <button type="submit">Sign out</button>
            </form>
            """).WriteAsync(context, StatusCodes.Status200OK);
    }

    private static Task FailAsync(HttpContext context, string message) =>
        Page.Failure("This sign-out cannot go on", message).WriteAsync(context, StatusCodes.Status400BadRequest);
}
