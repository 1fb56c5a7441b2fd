using OrgGateway.Jose;
using OrgGateway.Audit;
using OrgGateway.Oidc;
using OrgGateway.Sessions;
using OrgGateway.Storage;

namespace OrgGateway.Tokens;

/// <summary>One refresh of one session, under its lease: read again, ask the provider, check the answer, store it before anybody uses it.</summary>
public sealed class SessionRefresh(SessionStore sessions, IdentityProviders providers, TokenClient tokens, IdTokenValidator idTokens, UserInfoClient userInfo, TimeProvider clock, AuditTrail audit, ILogger<SessionRefresh> logger)
{
    private const int StoreAttempts = 5;

    public async Task<FreshSession> RunAsync(Session session)
    {
        // Whoever held the lease before may have rotated the token this process still knows (O55): never send that one.
        var read = await sessions.ReadAsync(session.Id, CancellationToken.None);
        if (read.Status == StoreStatus.Unavailable)
            return new(Freshness.StoreUnavailable, session);
        if (read.Value is not { } stored)
            return new(Freshness.Ended, null);
        var record = stored.Value;
        if (record.AccessToken != session.Record.AccessToken && record.AccessTokenExpires > clock.GetUtcNow())
            return new(Freshness.Fresh, new Session(session.Id, record, session.Catalog));
        if (record.RefreshToken is null)
            return await EndAsync(session, SessionEnd.TokenExpired);
        if (providers.Find(record.Provider) is not { } provider)
            return await EndAsync(session, SessionEnd.RefreshRefused);

        switch (await tokens.RefreshAsync(provider, record.RefreshToken, ProofKey.Of(record.ProofKey), CancellationToken.None))
        {
            case TokenAnswer.Granted(var granted):
                return await KeepAsync(session, provider, stored, granted);
            case TokenAnswer.Refused("invalid_grant"):
                logger.RefreshRefused(provider.Name, "invalid_grant");
                return await EndUnlessChangedAsync(session, stored);
            case TokenAnswer.Refused(var error):
                // The client's own registration is at fault, not the session: keep it for when that is mended.
                logger.RefreshRefused(provider.Name, error);
                return Unavailable(session);
            default:
                logger.RefreshUnavailable(provider.Name);
                return Unavailable(session);
        }
    }

    private async Task<FreshSession> KeepAsync(Session session, IdentityProvider provider, Versioned<SessionRecord> stored, TokenResponse granted)
    {
        var record = stored.Value;
        var renewed = record with
        {
            AccessToken = granted.AccessToken,
            AccessTokenExpires = granted.Expires,
            RefreshToken = granted.RefreshToken ?? record.RefreshToken,
            RefreshTokenExpires = granted.RefreshToken is null ? record.RefreshTokenExpires : granted.RefreshTokenExpires,
            Scope = granted.Scope ?? record.Scope,
            TokensRenewed = clock.GetUtcNow(),
        };
        if (granted.IdToken is not null)
        {
            var expected = new IdTokenExpectation { IsRefresh = true, Subject = record.Subject, AuthTime = record.AuthenticatedAt, AccessToken = granted.AccessToken };
            switch (await idTokens.ValidateAsync(provider, granted.IdToken, expected, CancellationToken.None))
            {
                case IdTokenResult.Refused(var reason):
                    logger.RefreshedIdTokenRefused(provider.Name, reason);
                    return await EndAsync(session, SessionEnd.RefreshRefused); // O53, T127: nothing of the answer is used
                case IdTokenResult.Valid(var idToken):
                    renewed = await WithClaimsAsync(provider, renewed, idToken);
                    break;
                default:
                    break; // its keys cannot be had right now: the tokens are kept, the claims stay as verified before
            }
        }
        // The provider has rotated: this answer is the only copy of the new refresh token.
        for (var attempt = 1; ; attempt++)
        {
            var written = await sessions.ReplaceAsync(session.Id, stored.Version, renewed, CancellationToken.None);
            if (written == StoreWrite.Done)
            {
                logger.SessionRefreshed(provider.Name);
                audit.Record(new(AuditNames.Refreshed) { Issuer = record.Issuer, Subject = record.Subject, Provider = record.Provider });
                return new(Freshness.Fresh, new Session(session.Id, renewed, session.Catalog));
            }
            if (written == StoreWrite.Refused)
                return new(Freshness.Ended, null); // ended meanwhile: a dead session stays dead (T129)
            if (attempt == StoreAttempts)
            {
                logger.RefreshNotStored(provider.Name);
                return new(Freshness.StoreUnavailable, session);
            }
        }
    }

    private async Task<SessionRecord> WithClaimsAsync(IdentityProvider provider, SessionRecord record, IdToken idToken)
    {
        var info = await userInfo.GetAsync(provider, record.AccessToken, ProofKey.Of(record.ProofKey), record.Subject, CancellationToken.None);
        var claims = ClaimsMapping.Read(provider.Options, idToken.Claims, info);
        return record with
        {
            IdToken = idToken.Raw,
            IdTokenExpires = idToken.Expires,
            Email = claims.Email ?? record.Email,
            EmailVerified = claims.Email is null ? record.EmailVerified : claims.EmailVerified,
            Name = claims.Name ?? record.Name,
            // Without userinfo and without memberships in the token nothing was said of them, so what was known stays.
            Memberships = claims.Memberships.Count == 0 && info is null ? record.Memberships : claims.Memberships,
        };
    }

    private async Task<FreshSession> EndUnlessChangedAsync(Session session, Versioned<SessionRecord> presented)
    {
        var again = await sessions.ReadAsync(session.Id, CancellationToken.None);
        if (again.Status == StoreStatus.Unavailable)
            return new(Freshness.StoreUnavailable, session);
        if (again.Value is { } now && !now.Version.AsSpan().SequenceEqual(presented.Version) && now.Value.AccessTokenExpires > clock.GetUtcNow())
            return new(Freshness.Fresh, new Session(session.Id, now.Value, session.Catalog));
        return await EndAsync(session, SessionEnd.RefreshRefused);
    }

    private async Task<FreshSession> EndAsync(Session session, SessionEnd reason)
    {
        if (!await sessions.EndAsync(session.Id, reason, CancellationToken.None))
            return new(Freshness.StoreUnavailable, session);
        audit.Record(new(AuditNames.SessionEnded) { Reason = reason.ToString(), Issuer = session.Record.Issuer, Subject = session.Record.Subject, Provider = session.Record.Provider });
        return new(Freshness.Ended, null);
    }

    private FreshSession Unavailable(Session session) =>
        clock.GetUtcNow() < session.Record.AccessTokenExpires ? new(Freshness.Fresh, session) : new(Freshness.ProviderUnavailable, session);
}
