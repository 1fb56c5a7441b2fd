using Microsoft.AspNetCore.WebUtilities;
using OrgGateway.Oidc;
using OrgGateway.Revocation;
using OrgGateway.Sessions;
using OrgGateway.Storage;

namespace OrgGateway.Inlets;

/// <summary><c>POST /auth/backchannel-logout</c> (OpenID Connect Back-Channel Logout 1.0 §2.5 to §2.8). Needs no cookie: the token is the proof.</summary>
public sealed class BackchannelLogoutEndpoint(
    LogoutTokenValidator tokens, ReplayRecord replays, SessionRevocation revocation, InletGuard guard, ILogger<BackchannelLogoutEndpoint> logger)
{
    private const int MaxFields = 16;

    public async Task InvokeAsync(HttpContext context)
    {
        if (!guard.Admits(context))
            return;
        if (await BoundedBody.ReadAsync(context.Request, context.RequestAborted) is not { } body)
        {
            await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, "the body is larger than 16 KiB");
            return;
        }
        if (TokenOf(context.Request, body) is not { } token)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "one logout_token in a form is needed");
            return;
        }
        switch (await tokens.ValidateAsync(token, context.RequestAborted))
        {
            case LogoutTokenResult.Valid(var valid):
                await EndAsync(context, valid);
                break;
            case LogoutTokenResult.Refused(var reason):
                await RefuseAsync(context, StatusCodes.Status400BadRequest, reason);
                break;
            default:
                guard.GiveBack(context);
                await NotNowAsync(context, "the provider's keys cannot be had right now");
                break;
        }
    }

    private async Task EndAsync(HttpContext context, LogoutToken token)
    {
        // A store that does not answer stops no logout: a second one does no harm, a missing one does.
        if (await replays.NoteAsync("logout", token.Issuer, token.Id, token.ReplayableUntil) == StoreWrite.Refused)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "this logout token was used before");
            return;
        }
        guard.GiveBack(context);
        var outcome = await revocation.RevokeAsync(token.SessionId is { } sid
            ? new(RevocationScope.ProviderSession, RevocationReasons.BackchannelLogout, Issuer: token.Issuer, ProviderSession: sid)
            : new(RevocationScope.Subject, RevocationReasons.BackchannelLogout, Issuer: token.Issuer, Subject: token.Subject));
        if (!outcome.Complete)
            await NotNowAsync(context, "the session store does not answer; the logout is carried through when it does");
    }

    // §2.8: 400 for what is wrong with the request; what the sender may try again is told apart.
    private static Task NotNowAsync(HttpContext context, string description)
    {
        context.Response.Headers.RetryAfter = "5";
        return WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "temporarily_unavailable", description);
    }

    private Task RefuseAsync(HttpContext context, int status, string reason)
    {
        logger.InletRefused("backchannel-logout", reason, context.TraceIdentifier);
        return WriteAsync(context, status, "invalid_request", reason);
    }

    private static Task WriteAsync(HttpContext context, int status, string error, string description)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new InletError(error, description), InletJson.Default.InletError, "application/json", context.RequestAborted);
    }

    private static string? TokenOf(HttpRequest request, string body)
    {
        if (!request.HasFormContentType || request.ContentType!.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
            return null;
        try
        {
            using var form = new FormReader(body) { ValueCountLimit = MaxFields };
            return form.ReadForm().TryGetValue("logout_token", out var values) && values is [{ Length: > 0 } one] ? one : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
