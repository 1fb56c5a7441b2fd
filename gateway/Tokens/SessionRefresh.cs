using OrgGateway.Audit;
using OrgGateway.Jose;
using OrgGateway.Oidc;
using OrgGateway.Sessions;
using OrgGateway.Storage;

namespace OrgGateway.Tokens;

/// <summary>One refresh of one session, under its lease: read again, ask the provider once, check the answer, store it before anybody uses it.</summary>
public sealed class SessionRefresh(
    SessionStore sessions, IdentityProviders providers, TokenClient tokens, IdTokenValidator idTokens, UserInfoClient userInfo, RefreshTokenUse use, TokenRevocation revocation, AuditTrail audit,
    SteadyClock clock, ILogger<SessionRefresh> logger)
{
    private static readonly TimeSpan RetryMisconfigured = TimeSpan.FromSeconds(10);

    public GrantPlace<SessionRecord> PlaceOf(Session session) => new(
        session.Id.ToString(),
        session.Record.Provider,
        () => sessions.ReadAsync(session.Id, CancellationToken.None),
        (version, record) => sessions.ReplaceAsync(session.Id, version, record, CancellationToken.None),
        (version, record) => sessions.NoteAsync(session.Id, version, record));

    /// <summary>What others did meanwhile.</summary>
    /// <returns>Null when there is still something to do.</returns>
    public FreshSession? Judge(Session session, StoreRead<Versioned<SessionRecord>> read)
    {
        if (read.Status == StoreStatus.Unavailable)
            return new(Freshness.StoreUnavailable, session);
        if (read.Value is not { Value: var record })
            return new(Freshness.Ended, null);
        // Whoever held the lease before may have rotated the token this process still knows (O55): never send that one.
        if (record.AccessToken != session.Record.AccessToken && record.AccessTokenExpires > clock.GetUtcNow())
            return new(Freshness.Fresh, new Session(session.Id, record, session.Catalog));
        return record.Presented is null && record.RetryRefreshAt is { } retryAt && retryAt > clock.GetUtcNow() ? Unavailable(session, record, retryAt) : null;
    }

    /// <summary>
    /// Writes down what this process learned and could not store. It needs no lease, which another replica may hold while it waits for
    /// this very outcome: the mark is fence enough.
    /// </summary>
    /// <returns>Null when there is nothing of the kind.</returns>
    internal async Task<RefreshStep?> ConcludeAsync(Session session)
    {
        if (!use.KnowsAny)
            return null;
        var read = await sessions.ReadAsync(session.Id, CancellationToken.None);
        return read.Status == StoreStatus.Unavailable ? new RefreshStep.Unwritten()
            : read.Value is { Value.Presented: { } mark } && use.Knows(mark) ? await RunAsync(session, null)
            : null;
    }

    /// <param name="orphan">The mark of a process that went, where one was waited for already.</param>
    internal async Task<RefreshStep> RunAsync(Session session, RefreshMark? orphan)
    {
        var read = await sessions.ReadAsync(session.Id, CancellationToken.None);
        if (Judge(session, read) is { } done)
            return new RefreshStep.Done(done);
        var record = read.Value!.Value;
        if (providers.Find(record.Provider) is not { } provider)
            return await EndAsync(session, SessionEnd.RefreshRefused);
        if (record.RefreshToken is null)
            return clock.GetUtcNow() < record.AccessTokenExpires
                ? new RefreshStep.Done(new(Freshness.Fresh, new Session(session.Id, await WithUserInfoAsync(provider, PlaceOf(session), record), session.Catalog)))
                : await EndAsync(session, SessionEnd.TokenExpired);

        var place = PlaceOf(session);
        switch (await use.PresentAsync(place, read.Value, token => tokens.RefreshAsync(provider, token, ProofKey.Of(record.ProofKey), CancellationToken.None)))
        {
            case Presented.Granted granted:
                return await KeepAsync(session, provider, place, record, granted);
            case Presented.Refused("invalid_grant", var mark):
                use.Forget(mark);
                logger.RefreshRefused(provider.Name, "invalid_grant");
                return await EndUnlessChangedAsync(session, record.RefreshToken);
            case Presented.Refused(var error, var mark):
                // The client's own registration is at fault, not the session: keep it for when that is mended.
                logger.RefreshRefused(provider.Name, error);
                return await StepAsync(session, provider, record, await use.TakeBackAsync(place, mark, clock.GetUtcNow() + RetryMisconfigured));
            case var other:
                return await StepAsync(session, provider, record, other);
        }

        async Task<RefreshStep> StepAsync(Session session, IdentityProvider provider, SessionRecord record, Presented presented)
        {
            switch (presented)
            {
                case Presented.NotNow(var retryAt):
                    logger.RefreshUnavailable(provider.Name);
                    return clock.GetUtcNow() >= record.AccessTokenExpires + provider.Options.OutageGrace
                        ? await EndAsync(session, SessionEnd.ProviderSilent)
                        : new RefreshStep.Done(Unavailable(session, record, retryAt));
                case Presented.StoreUnavailable(var isOpen):
                    return isOpen ? new RefreshStep.Unwritten() : new RefreshStep.Done(new(Freshness.StoreUnavailable, session));
                case Presented.Gone:
                    return new RefreshStep.Done(new(Freshness.Ended, null));
                case Presented.Orphaned(var mark) when mark != orphan:
                    return new RefreshStep.Orphaned(mark);
                case Presented.Orphaned(var mark):
                    return await AbandonAsync(session, provider, place, record, mark);
                default:
                    return new RefreshStep.Again();
            }
        }
    }

    private async Task<RefreshStep> KeepAsync(Session session, IdentityProvider provider, GrantPlace<SessionRecord> place, SessionRecord record, Presented.Granted presented)
    {
        var (granted, claims) = (presented.Tokens, default(IdToken));
        if (granted.IdToken is not null)
        {
            switch (await ValidateAsync(provider, record, granted, record.NonceHash))
            {
                case IdTokenResult.Refused:
                    return await RejectAsync(session, provider, presented);
                case IdTokenResult.Valid(var idToken):
                    claims = idToken;
                    break;
                default:
                    break; // its keys cannot be had right now, or a clock is wrong: the tokens are kept, the claims stay as verified before
            }
        }
        // The provider has rotated and this process has the only copy: store it before anything else can go wrong.
        var (written, stored) = await use.StoreAsync(place, presented.Mark, now => Renewed(now, granted, claims), now => now.AccessToken == granted.AccessToken);
        switch (written)
        {
            case StoreWrite.Unavailable:
                logger.RefreshNotStored(provider.Name);
                return new RefreshStep.Unwritten();
            case StoreWrite.Refused:
                await DiscardAsync(provider, granted);
                return new RefreshStep.Done(new(Freshness.Ended, null));
        }
        stored = claims is null ? await WithUserInfoAsync(provider, place, stored!) : await WithClaimsAsync(provider, place, stored!, claims);
        logger.SessionRefreshed(provider.Name);
        audit.Record(new AuditEvent(AuditNames.Refreshed) { Issuer = record.Issuer, Subject = record.Subject, Provider = provider.Name });
        return new RefreshStep.Done(new(Freshness.Fresh, new Session(session.Id, stored!, session.Catalog)));
    }

    /// <summary>Of a refresh: who it is for must be who the session is for (O53).</summary>
    /// <param name="nonceHash">Of the sign-in that the refreshed tokens go back to, where it is known.</param>
    internal async Task<IdTokenResult> ValidateAsync(IdentityProvider provider, SessionRecord record, TokenResponse granted, byte[]? nonceHash)
    {
        var expected = new IdTokenExpectation { IsRefresh = true, Subject = record.Subject, NonceHash = nonceHash, AuthTime = record.AuthenticatedAt, AccessToken = granted.AccessToken, Former = record.IdToken };
        var result = await idTokens.ValidateAsync(provider, granted.IdToken!, expected, CancellationToken.None);
        if (result is IdTokenResult.Refused(var reason))
            logger.RefreshedIdTokenRefused(provider.Name, reason);
        return result;
    }

    /// <summary>Nothing of an answer for somebody else is used, and the session it came for is over (T127).</summary>
    internal async Task<RefreshStep> RejectAsync(Session session, IdentityProvider provider, Presented.Granted presented)
    {
        await DiscardAsync(provider, presented.Tokens);
        use.Forget(presented.Mark);
        return await EndAsync(session, SessionEnd.RefreshRefused);
    }

    private SessionRecord Renewed(SessionRecord record, TokenResponse granted, IdToken? idToken) => record with
    {
        AccessToken = granted.AccessToken,
        AccessTokenExpires = granted.Expires,
        RefreshToken = granted.RefreshToken ?? record.RefreshToken,
        RefreshTokenExpires = granted.RefreshToken is null ? record.RefreshTokenExpires : granted.RefreshTokenExpires,
        Scope = granted.Scope ?? record.Scope,
        IdToken = idToken?.Raw ?? record.IdToken,
        IdTokenExpires = idToken?.Expires ?? record.IdTokenExpires,
        TokensRenewed = clock.GetUtcNow(),
        Presented = null,
        RetryRefreshAt = null,
    };

    // Where no ID token comes, only UserInfo can say whether a membership still holds; one that has no word on organizations does not.
    private async Task<SessionRecord> WithUserInfoAsync(IdentityProvider provider, GrantPlace<SessionRecord> place, SessionRecord stored)
    {
        if (await userInfo.GetAsync(provider, stored.AccessToken, ProofKey.Of(stored.ProofKey), stored.Subject, CancellationToken.None) is not { } info)
            return stored;
        var memberships = ClaimsMapping.Read(provider.Options, info, null).Memberships;
        return memberships.Count == 0 && ClaimPath.Find(info, provider.Options.Claims.Organizations.Path) is null
            ? stored
            : await ChangeAsync(place, stored, now => now with { Memberships = memberships, ClaimsRead = clock.GetUtcNow() });
    }

    // After the tokens are safe: UserInfo may be slow, and what it says is had again with the next refresh.
    private async Task<SessionRecord> WithClaimsAsync(IdentityProvider provider, GrantPlace<SessionRecord> place, SessionRecord stored, IdToken idToken)
    {
        var info = await userInfo.GetAsync(provider, stored.AccessToken, ProofKey.Of(stored.ProofKey), stored.Subject, CancellationToken.None);
        var claims = ClaimsMapping.Read(provider.Options, idToken.Claims, info);
        return await ChangeAsync(place, stored, now => now with
        {
            Email = claims.Email ?? now.Email,
            EmailVerified = claims.Email is null ? now.EmailVerified : claims.EmailVerified,
            Name = claims.Name ?? now.Name,
            // Without userinfo and without memberships in the token nothing was said of them, so what was known stays.
            Memberships = claims.Memberships.Count == 0 && info is null ? now.Memberships : claims.Memberships,
            ClaimsRead = clock.GetUtcNow(),
        });
    }

    // Over whatever else changed meanwhile, as long as these are still the session's tokens.
    private static async Task<SessionRecord> ChangeAsync(GrantPlace<SessionRecord> place, SessionRecord stored, Func<SessionRecord, SessionRecord> change)
    {
        while (true)
        {
            var read = await place.Read();
            if (read.Value is not { } now || now.Value.AccessToken != stored.AccessToken)
                return stored;
            var changed = change(now.Value);
            if (await place.Replace(now.Version, changed) != StoreWrite.Refused)
                return changed;
        }
    }

    private async Task<RefreshStep> EndUnlessChangedAsync(Session session, string presented)
    {
        var again = await sessions.ReadAsync(session.Id, CancellationToken.None);
        if (again.Status == StoreStatus.Unavailable)
            return new RefreshStep.Done(new(Freshness.StoreUnavailable, session));
        return again.Value is { } now && now.Value.RefreshToken != presented ? new RefreshStep.Again() : await EndAsync(session, SessionEnd.RefreshRefused);
    }

    // Nobody knows whether the provider used the token up. While the access token lives nothing is lost; after that one sign-in anew
    // is better than a theft alarm, which ends the person's other grants too.
    private async Task<RefreshStep> AbandonAsync(Session session, IdentityProvider provider, GrantPlace<SessionRecord> place, SessionRecord record, RefreshMark mark)
    {
        if (clock.GetUtcNow() >= record.AccessTokenExpires)
        {
            logger.RefreshInterrupted(provider.Name);
            return await EndAsync(session, SessionEnd.RefreshInterrupted);
        }
        if (record.RetryRefreshAt is null)
            // Every replica leaves it alone until then.
            await RefreshTokenUse.AmendAsync(place, mark, now => now.Noted(mark, record.AccessTokenExpires));
        return new RefreshStep.Done(new(Freshness.Fresh, new Session(session.Id, record, session.Catalog)));
    }

    private async Task DiscardAsync(IdentityProvider provider, TokenResponse granted)
    {
        // Nobody holds it any more; where the provider can, it forgets it too (RFC 7009).
        if (granted.RefreshToken is { } refreshToken)
            await revocation.DiscardAsync(provider, refreshToken);
    }

    private async Task<RefreshStep> EndAsync(Session session, SessionEnd reason) => new RefreshStep.Done(
        await sessions.EndAsync(session.Id, reason, CancellationToken.None) ? new(Freshness.Ended, null) : new(Freshness.StoreUnavailable, session));

    private FreshSession Unavailable(Session session, SessionRecord record, DateTimeOffset retryAt)
    {
        var now = clock.GetUtcNow();
        return now < record.AccessTokenExpires
            ? new(Freshness.Fresh, new Session(session.Id, record, session.Catalog))
            : new(Freshness.ProviderUnavailable, session, retryAt > now ? retryAt - now : TimeSpan.Zero);
    }
}
