using OrgGateway.Jose;
using OrgGateway.Revocation;
using OrgGateway.Sessions;
using OrgGateway.Storage;

namespace OrgGateway.Inlets;

/// <summary><c>POST /auth/events</c>: receives security events by push (RFC 8935). Session-revoked ends, token-claims-change has claims read again.</summary>
public sealed class SharedSignalsEndpoint(
    IEnumerable<Transmitter> transmitters, ReplayRecord replays, SessionRevocation revocation, SessionAmendment amendment, InletGuard guard, TimeProvider clock, ILogger<SharedSignalsEndpoint> logger)
{
    private readonly Transmitter[] _transmitters = [.. transmitters];

    public async Task InvokeAsync(HttpContext context)
    {
        if (!guard.Admits(context))
            return;
        if (await BoundedBody.ReadAsync(context.Request, context.RequestAborted) is not { } token)
        {
            await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, "invalid_request", "the body is larger than 16 KiB");
            return;
        }
        if (!IsEventType(context.Request.ContentType) || !Jws.TryReadUnverified(token, out _, out var unverified))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid_request", "the body is no application/secevent+jwt");
            return;
        }
        // Believed only to choose whose keys check it.
        var iss = unverified.TryGetProperty("iss", out var claim) && claim.ValueKind == System.Text.Json.JsonValueKind.String ? claim.GetString() : null;
        if (Array.Find(_transmitters, t => t.Issuer == iss) is not { } transmitter)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid_issuer", "iss is no configured transmitter");
            return;
        }
        switch (await transmitter.VerifyAsync(token, context.RequestAborted))
        {
            case null:
                guard.GiveBack(context);
                await NotNowAsync(context, "the transmitter's keys cannot be had right now");
                break;
            case JwsResult.Refused(var fault, _):
                await RefuseAsync(context, StatusCodes.Status400BadRequest, fault == JwsFault.UnknownKey ? "invalid_key" : "invalid_request", $"signature or type: {fault}");
                break;
            case JwsResult.Valid(_, var claims):
                if (SecurityEvent.Read(claims, transmitter, clock.GetUtcNow(), transmitter.Subjects.IsIssuer, out var refusal) is { } happened)
                    await ActAsync(context, transmitter, happened);
                else
                    await RefuseAsync(context, StatusCodes.Status400BadRequest, refusal.StartsWith("aud", StringComparison.Ordinal) ? "invalid_audience" : "invalid_request", refusal);
                break;
        }
    }

    private async Task ActAsync(HttpContext context, Transmitter transmitter, SecurityEvent happened)
    {
        guard.GiveBack(context);
        switch (await replays.NoteAsync("event", transmitter.Issuer, happened.Id, clock.GetUtcNow() + SecurityEvent.MaxAge + TimeSpan.FromMinutes(2)))
        {
            case StoreWrite.Unavailable:
                await NotNowAsync(context, "the session store does not answer");
                return;
            case StoreWrite.Refused:
                context.Response.StatusCode = StatusCodes.Status202Accepted; // delivered before, and had its effect then (RFC 8935 §2.2)
                return;
        }
        var issuer = transmitter.Subjects.Issuer;
        if (happened.RevokesSession)
            await revocation.RevokeAsync(happened.SessionId is { } sid
                ? new(RevocationScope.ProviderSession, RevocationReasons.SharedSignals, Issuer: issuer, ProviderSession: sid)
                : new(RevocationScope.Subject, RevocationReasons.SharedSignals, Issuer: issuer, Subject: happened.Subject));
        else if (happened.ChangesClaims && !await RenewAsync(transmitter, issuer, happened))
        {
            await replays.ForgetAsync("event", transmitter.Issuer, happened.Id);
            await NotNowAsync(context, "the session store does not answer");
            return;
        }
        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    // What the provider says of the subject now is had by a refresh, which the next request of each session then waits for: as one
    // whose token has expired. A session without a refresh token has no way to ask and goes on to its end.
    private async Task<bool> RenewAsync(Transmitter transmitter, string issuer, SecurityEvent happened)
    {
        var index = happened.SessionId is { } sid ? SessionDirectory.OfProviderSession(issuer, sid) : SessionDirectory.OfSubject(issuer, happened.Subject!);
        var now = clock.GetUtcNow();
        var count = await amendment.ApplyAsync(index, record => record.RefreshToken is null || record.AccessTokenExpires <= now ? null : record with { AccessTokenExpires = now });
        logger.ClaimsStale(count ?? 0, transmitter.Name);
        return count is not null;
    }

    private static bool IsEventType(string? contentType) => contentType is not null
        && contentType.AsSpan(0, contentType.IndexOf(';', StringComparison.Ordinal) is >= 0 and var end ? end : contentType.Length).Trim().Equals("application/secevent+jwt", StringComparison.OrdinalIgnoreCase);

    private static Task NotNowAsync(HttpContext context, string description)
    {
        context.Response.Headers.RetryAfter = "5";
        return WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "temporarily_unavailable", description);
    }

    private Task RefuseAsync(HttpContext context, int status, string err, string description)
    {
        logger.InletRefused("events", description, context.TraceIdentifier);
        return WriteAsync(context, status, err, description);
    }

    private static Task WriteAsync(HttpContext context, int status, string err, string description)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new DeliveryError(err, description), InletJson.Default.DeliveryError, "application/json", context.RequestAborted);
    }
}
