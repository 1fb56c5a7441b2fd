using OrgGateway.Audit;
using OrgGateway.Jose;
using OrgGateway.Oidc;
using OrgGateway.Orgs;
using OrgGateway.Sessions;
using OrgGateway.Storage;

namespace OrgGateway.Tokens;

/// <summary>
/// The ways to a user's token for one organization. Where one refresh token serves all organizations it is presented under the session's
/// own lease and mark, so that two organizations at once never present it twice (T74); where each organization has a grant of its own,
/// under that one's.
/// </summary>
public sealed class OrganizationMint(
    SessionStore sessions, SessionRefresh refresh, IdentityProviders providers, TokenClient tokens, MintEndpoint endpoint, Turns turns, RefreshTokenUse use, AuditTrail audit,
    CurrentCatalog catalog, SteadyClock clock, ILogger<OrganizationMint> logger)
{
    // The provider wants the person, whatever else is configured (Core §3.1.2.6).
    private static readonly string[] Interaction = ["login_required", "interaction_required", "consent_required", "account_selection_required"];

    /// <param name="former">A token that is to be replaced although it has not expired.</param>
    /// <returns>The token, and the record it stands in where that can be kept.</returns>
    public async Task<(GrantedToken Token, OrganizationGrant? Grant)> FindAsync(Session session, SubjectOrganization organization, GrantPlace<OrganizationGrant> place, Func<OrganizationGrant, ValueTask<StoreWrite>> put, string? former)
    {
        if (providers.Find(session.Record.Provider) is not { } provider)
            return (new(GrantOutcome.Refused), null);
        var asked = new Asked(session, organization, provider, place, put, former);
        if (session.Record.AccessToken != former && session.Record.AccessTokenExpires > clock.GetUtcNow() && SpeaksFor(session.Record, provider, organization))
            return Of(new() { AccessToken = session.Record.AccessToken, Expires = session.Record.AccessTokenExpires, Granted = session.Record.TokensRenewed ?? session.Record.SignedIn });
        switch (provider.Options.Mint.Strategy)
        {
            case MintStrategy.RefreshParam:
                // Always with the parameter: without it some providers answer for the organization used last.
                return await BySessionGrantAsync(asked, [new(provider.Options.Mint.Parameter, organization.Id)]);
            case MintStrategy.ScopedGrant:
                var scope = new KeyValuePair<string, string>("scope", ScopeFor(provider, organization));
                return await ByOwnGrantAsync(asked, [scope]) ?? await BySessionGrantAsync(asked, [scope]) switch
                {
                    // A refresh cannot widen what was granted: then a grant of its own is needed.
                    { Token.Outcome: GrantOutcome.Refused } => (new(GrantOutcome.SignInNeeded), null),
                    var found => found,
                };
            case MintStrategy.SilentAuthorize:
                return await ByOwnGrantAsync(asked, []) ?? (new(GrantOutcome.SignInNeeded), null);
            case MintStrategy.Endpoint:
                return await ByEndpointAsync(asked);
            default:
                return Of(new() { AccessToken = session.Record.AccessToken, Expires = session.Record.AccessTokenExpires, Granted = session.Record.SignedIn });
        }
    }

    /// <summary>Whether what a sign-in for one organization brought is for that one; if not, it is thrown away, which is said here.</summary>
    public bool Accepts(Session session, SubjectOrganization organization, IdentityProvider provider, string accessToken, string? idToken)
    {
        var isFor = IsFor(provider, organization, accessToken, idToken);
        if (!isFor)
            Discarded(session, organization, provider);
        return isFor;
    }

    // The one rule after every way to a token (keycloak/keycloak#42836, T73). What was asked for this organization and names it among others
    // is a provider's that cannot narrow: no better one is to be had there.
    private bool IsFor(IdentityProvider provider, SubjectOrganization organization, string accessToken, string? idToken) =>
        !provider.Options.Mint.AssertOrgEquals || TokenOrganization.Of(accessToken, idToken, provider, organization, catalog.Value) is OrganizationWord.Alone or OrganizationWord.Among;

    // The ID token of a sign-in says nothing of an access token that a refresh brought.
    private bool SpeaksFor(SessionRecord record, IdentityProvider provider, SubjectOrganization organization) =>
        TokenOrganization.Of(record.AccessToken, record.TokensRenewed is null ? record.IdToken : null, provider, organization, catalog.Value) == OrganizationWord.Alone;

    private async Task<(GrantedToken Token, OrganizationGrant? Grant)> BySessionGrantAsync(Asked asked, KeyValuePair<string, string>[] parameters)
    {
        var key = UserTokens.LeaseOf(asked.Session);
        var orphan = new OrphanWatch(clock);
        while (true)
        {
            var (known, stop) = await KnownAsync(asked);
            if (stop is not null || known is not null)
                return known is not null ? Of(known) : (stop!.Value, null);
            var (lease, answer) = await turns.TakeAsync(key);
            if (answer == StoreWrite.Unavailable)
                return (new(GrantOutcome.StoreUnavailable), null);
            if (lease is null)
                continue;
            TimeSpan wait;
            await using (lease)
            {
                (known, stop) = await KnownAsync(asked);
                if (stop is not null || known is not null)
                    return known is not null ? Of(known) : (stop!.Value, null);
                var read = await sessions.ReadAsync(asked.Session.Id, CancellationToken.None);
                if (read.Value is not { } stored)
                    return (new(read.Status == StoreStatus.Unavailable ? GrantOutcome.StoreUnavailable : GrantOutcome.Ended), null);
                if (stored.Value.RefreshToken is null)
                    return (new(GrantOutcome.SignInNeeded), null);
                var place = refresh.PlaceOf(asked.Session);
                var presented = await use.PresentAsync(place, stored, token => tokens.RefreshAsync(asked.Provider, token, parameters, ProofKey.Of(asked.Session.Record.ProofKey), CancellationToken.None));
                switch (presented)
                {
                    case Presented.Granted granted:
                        return await KeepFromSessionAsync(asked, place, granted);
                    case Presented.Refused("invalid_grant", var mark):
                        // The session's own grant is over, and it with it.
                        use.Forget(mark);
                        return (new(await sessions.EndAsync(asked.Session.Id, SessionEnd.RefreshRefused, CancellationToken.None) ? GrantOutcome.Ended : GrantOutcome.StoreUnavailable), null);
                    case Presented.Refused(var error, var mark):
                        await use.TakeBackAsync(place, mark, null);
                        return (Refusal(asked, error), null);
                    case Presented.Orphaned(var mark) when mark == orphan.GivenUp:
                        return (new(GrantOutcome.SignInNeeded), null);
                    case Presented.Orphaned(var mark):
                        wait = orphan.Saw(mark);
                        break;
                    case Presented.Changed:
                        continue;
                    default:
                        return (NotNow(presented), null);
                }
            }
            await turns.WaitAsync(key, wait);
        }
    }

    // What another replica, or an earlier request, had for this organization.
    private async Task<(OrganizationGrant? Known, GrantedToken? Stop)> KnownAsync(Asked asked)
    {
        var read = await asked.Place.Read();
        if (read.Status == StoreStatus.Unavailable)
            return (null, new(GrantOutcome.StoreUnavailable));
        return (read.Value is { Value: var grant } && grant.Expires > clock.GetUtcNow() && grant.AccessToken != asked.Former ? grant : null, null);
    }

    private async Task<(GrantedToken Token, OrganizationGrant? Grant)> KeepFromSessionAsync(Asked asked, GrantPlace<SessionRecord> place, Presented.Granted presented)
    {
        var granted = presented.Tokens;
        if (granted.IdToken is not null && await refresh.ValidateAsync(asked.Provider, asked.Session.Record, granted, asked.Session.Record.NonceHash) is IdTokenResult.Refused)
        {
            await refresh.RejectAsync(asked.Session, asked.Provider, presented);
            return (new(GrantOutcome.Ended), null);
        }
        var isRight = IsFor(asked.Provider, asked.Organization, granted.AccessToken, granted.IdToken);
        // The refresh token has rotated whoever the access token is for: it belongs to the session.
        var (written, _) = await use.StoreAsync(
            place, presented.Mark, now => now with { RefreshToken = granted.RefreshToken ?? now.RefreshToken, Presented = null, RetryRefreshAt = null },
            now => granted.RefreshToken is null || now.RefreshToken == granted.RefreshToken);
        if (written != StoreWrite.Done)
            return (new(written == StoreWrite.Refused ? GrantOutcome.Ended : GrantOutcome.StoreUnavailable), null);
        if (!isRight)
            return (Mismatch(asked), null);
        var grant = new OrganizationGrant { AccessToken = granted.AccessToken, Expires = granted.Expires, Granted = clock.GetUtcNow() };
        await asked.Put(grant);
        return Of(grant);
    }

    /// <returns>Null when this organization has no grant of its own, or none any more.</returns>
    private async Task<(GrantedToken Token, OrganizationGrant? Grant)?> ByOwnGrantAsync(Asked asked, KeyValuePair<string, string>[] parameters)
    {
        var key = StoreKey.Of("refresh-lease", asked.Provider.Name, asked.Session.Id.ToString(), asked.Organization.Id);
        while (true)
        {
            var read = await asked.Place.Read();
            if (read.Status == StoreStatus.Unavailable)
                return (new(GrantOutcome.StoreUnavailable), null);
            if (read.Value is not { } stored)
                return null;
            if (stored.Value.Expires > clock.GetUtcNow() && stored.Value.AccessToken != asked.Former)
                return Of(stored.Value);
            if (stored.Value.RefreshToken is null)
                return null;
            var (lease, answer) = await turns.TakeAsync(key);
            if (answer == StoreWrite.Unavailable)
                return (new(GrantOutcome.StoreUnavailable), null);
            if (lease is null)
                continue;
            await using (lease)
            {
                if (await asked.Place.Read() is not { Value: { } again } || (again.Value.Expires > clock.GetUtcNow() && again.Value.AccessToken != asked.Former))
                    continue;
                switch (await use.PresentAsync(asked.Place, again, token => tokens.RefreshAsync(asked.Provider, token, parameters, ProofKey.Of(asked.Session.Record.ProofKey), CancellationToken.None)))
                {
                    case Presented.Granted granted:
                        return await KeepOwnAsync(asked, granted);
                    case Presented.Refused(_, var mark):
                        use.Forget(mark);
                        return null; // this organization alone signs in anew
                    case Presented.Orphaned:
                        return null;
                    case Presented.Changed:
                        continue;
                    case var other:
                        return (NotNow(other), null);
                }
            }
        }
    }

    private async Task<(GrantedToken Token, OrganizationGrant? Grant)?> KeepOwnAsync(Asked asked, Presented.Granted presented)
    {
        var granted = presented.Tokens;
        if (granted.IdToken is not null && await refresh.ValidateAsync(asked.Provider, asked.Session.Record, granted, nonceHash: null) is IdTokenResult.Refused)
        {
            await refresh.RejectAsync(asked.Session, asked.Provider, presented);
            return (new(GrantOutcome.Ended), null);
        }
        var isRight = IsFor(asked.Provider, asked.Organization, granted.AccessToken, granted.IdToken);
        var (written, grant) = await use.StoreAsync(
            asked.Place,
            presented.Mark,
            now => now with
            {
                // A token for another organization is not kept under this one's name; the grant may still be right next time.
                AccessToken = isRight ? granted.AccessToken : "",
                Expires = isRight ? granted.Expires : DateTimeOffset.MinValue,
                Granted = clock.GetUtcNow(),
                RefreshToken = granted.RefreshToken ?? now.RefreshToken,
                Presented = null,
                RetryRefreshAt = null,
            },
            now => now.Presented is null && (!isRight || now.AccessToken == granted.AccessToken));
        return !isRight ? (Mismatch(asked), null)
            : written == StoreWrite.Done ? Of(grant!)
            : written == StoreWrite.Refused ? null
            : (new(GrantOutcome.StoreUnavailable), null);
    }

    private async Task<(GrantedToken Token, OrganizationGrant? Grant)> ByEndpointAsync(Asked asked)
    {
        var (known, stop) = await KnownAsync(asked);
        if (stop is not null || known is not null)
            return known is not null ? Of(known) : (stop!.Value, null);
        if (string.IsNullOrWhiteSpace(asked.Provider.Options.Mint.Endpoint))
            return (new(GrantOutcome.SignInNeeded), null);
        switch (await endpoint.SelectAsync(asked.Provider, asked.Session.Record.AccessToken, asked.Organization.Id, CancellationToken.None))
        {
            case TokenAnswer.Granted(var granted) when IsFor(asked.Provider, asked.Organization, granted.AccessToken, null):
                var grant = new OrganizationGrant { AccessToken = granted.AccessToken, Expires = granted.Expires, Granted = clock.GetUtcNow() };
                await asked.Put(grant);
                return Of(grant);
            case TokenAnswer.Granted:
                return (Mismatch(asked), null);
            case TokenAnswer.Refused(var error):
                return (Refusal(asked, error), null);
            case TokenAnswer.Unavailable(var retryAfter):
                return (new(GrantOutcome.ProviderUnavailable, null, retryAfter), null);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private GrantedToken Refusal(Asked asked, string error)
    {
        logger.OrganizationGrantRefused(asked.Organization.Slug, asked.Provider.Name, error);
        var wantsPerson = Interaction.Contains(error, StringComparer.Ordinal) || asked.Provider.Options.Mint.RequireReauthOn?.Contains(error, StringComparer.Ordinal) == true;
        return new(wantsPerson ? GrantOutcome.SignInNeeded : GrantOutcome.Refused);
    }

    private GrantedToken Mismatch(Asked asked)
    {
        Discarded(asked.Session, asked.Organization, asked.Provider);
        return new(GrantOutcome.Refused);
    }

    private void Discarded(Session session, SubjectOrganization organization, IdentityProvider provider)
    {
        logger.TokenOfAnotherOrganization(organization.Slug, provider.Name);
        audit.Record(new AuditEvent(AuditNames.TokenDiscarded)
        {
            Reason = "other_organization",
            Issuer = session.Record.Issuer,
            Subject = session.Record.Subject,
            OrgId = organization.Id,
            Provider = provider.Name,
        });
    }

    private GrantedToken NotNow(Presented presented) => presented switch
    {
        Presented.NotNow(var at) => new(GrantOutcome.ProviderUnavailable, null, at > clock.GetUtcNow() ? at - clock.GetUtcNow() : TimeSpan.Zero),
        Presented.Gone => new(GrantOutcome.Ended),
        _ => new(GrantOutcome.StoreUnavailable),
    };

    private static (GrantedToken Token, OrganizationGrant? Grant) Of(OrganizationGrant grant) => (GrantedToken.Of(grant.AccessToken), grant);

    // The provider's own scopes, and this organization's in place of those that begin alike.
    private static string ScopeFor(IdentityProvider provider, SubjectOrganization organization)
    {
        var template = provider.Options.Authorize.Scope ?? "organization:{slug}";
        var start = template[..template.IndexOf('{', StringComparison.Ordinal)];
        var own = template.Replace("{slug}", organization.Slug, StringComparison.Ordinal).Replace("{id}", organization.Id, StringComparison.Ordinal);
        return string.Join(' ', provider.Options.EffectiveScopes().Where(scope => !scope.StartsWith(start, StringComparison.Ordinal)).Append(own));
    }

    private sealed record Asked(
        Session Session, SubjectOrganization Organization, IdentityProvider Provider, GrantPlace<OrganizationGrant> Place, Func<OrganizationGrant, ValueTask<StoreWrite>> Put, string? Former);
}
