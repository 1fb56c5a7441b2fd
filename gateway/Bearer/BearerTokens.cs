using System.Collections.Frozen;
using OrgGateway.Jose;
using OrgGateway.Oidc;
using OrgGateway.Orgs;
using OrgGateway.Revocation;
using OrgGateway.Storage;

namespace OrgGateway.Bearer;

/// <summary>
/// Checks bearer tokens of any number of issuers. A token that was checked is remembered by its hash until it expires: who it
/// stands for, never what it may do, which is decided anew for each request (T62, T63). What was revoked since counts at once.
/// </summary>
public sealed class BearerTokens
{
    private const int MaxRemembered = 50_000;
    private readonly FrozenDictionary<string, BearerIssuer> _issuers;
    private readonly BoundedCopies<Sha256Hash, CheckedToken> _checked = new(MaxRemembered);
    private readonly CurrentCatalog _catalog;
    private readonly TokenCutoffs _cutoffs;
    private readonly TimeProvider _clock;
    private readonly ILogger<BearerTokens> _logger;

    public BearerTokens(
        IReadOnlyDictionary<string, BearerIssuerOptions> issuers, IdentityProviders providers, CurrentCatalog catalog, TokenCutoffs cutoffs, HttpClient backchannel,
        TimeProvider clock, ILogger<BearerTokens> logger)
    {
        (_catalog, _cutoffs, _clock, _logger) = (catalog, cutoffs, clock, logger);
        _issuers = issuers.ToFrozenDictionary(
            i => WithoutSlash(i.Value.Issuer),
            i => new BearerIssuer(
                i.Key, i.Value, (i.Value.IdentityProvider is { } name ? providers.Find(name) : providers.Default)?.IsIssuer(i.Value.Issuer) == true, backchannel, clock, logger),
            StringComparer.Ordinal);
    }

    public ValueTask<BearerResult> CheckAsync(string token, CancellationToken cancellationToken)
    {
        if (token.Length > Jws.MaxTokenLength)
            return new(Refuse(BearerFault.Malformed, null));
        var hash = Sha256Hash.Of(token);
        var catalog = _catalog.Value;
        var now = _clock.GetUtcNow();
        if (_checked.Find(hash) is { } known && known.Catalog == catalog && now < known.Expires && _cutoffs.IsCurrent())
            return new(Noted(known));
        return CheckSlowlyAsync(token, hash, catalog, cancellationToken);
    }

    private async ValueTask<BearerResult> CheckSlowlyAsync(string token, Sha256Hash hash, OrganizationCatalog catalog, CancellationToken cancellationToken)
    {
        // Read before anybody vouches for it, to choose whose keys may: the issuer first, a key of that issuer then (T77).
        if (!Jws.TryReadUnverified(token, out var header, out var unverified))
            return Refuse(BearerFault.Malformed, null);
        if (!unverified.TryGetProperty("iss", out var iss) || iss.ValueKind is not System.Text.Json.JsonValueKind.String
            || !_issuers.TryGetValue(WithoutSlash(iss.GetString()!), out var issuer))
            return Refuse(BearerFault.UnknownIssuer, null);
        var (good, fault) = await issuer.CheckAsync(token, header.Kid, catalog, _clock.GetUtcNow(), cancellationToken);
        if (fault is { } wrong)
            return Refuse(wrong, issuer.Name);
        if (good is null)
            return new BearerResult.Unavailable(issuer.Name);
        _checked.Put(hash, good);
        return _cutoffs.IsCurrent() ? Noted(good) : BearerResult.StoreUnavailable.Instance;
    }

    private BearerResult Noted(CheckedToken token)
    {
        var result = token.ResultAfter(_cutoffs);
        if (result is BearerResult.Refused { Fault: var fault, Issuer: var issuer })
            _logger.BearerRefused(issuer, fault);
        return result;
    }

    private BearerResult.Refused Refuse(BearerFault fault, string? issuer)
    {
        _logger.BearerRefused(issuer, fault);
        return new(fault, issuer);
    }

    private static string WithoutSlash(string issuer) => issuer.EndsWith('/') ? issuer[..^1] : issuer;

    /// <returns>How a trusted issuer calls itself; null for what is none.</returns>
    public string? IssuerOf(string issuer) => _issuers.TryGetValue(WithoutSlash(issuer), out var known) ? known.Issuer : null;

    public static void Check(IReadOnlyDictionary<string, BearerIssuerOptions> issuers, IReadOnlyCollection<string> providers, bool development, Configuration.Faults faults)
    {
        foreach (var (name, issuer) in issuers)
        {
            var path = $"{BearerIssuerOptions.Section}:{name}";
            issuer.Check(path, development, faults);
            if (issuer.IdentityProvider is { } provider && !providers.Contains(provider))
                faults.Add(path + ":IdentityProvider", $"'{provider}' is not under {IdentityProviders.Section}");
        }
        foreach (var twice in issuers.GroupBy(i => WithoutSlash(i.Value.Issuer), StringComparer.Ordinal).Where(g => g.Key.Length > 0 && g.Count() > 1))
            faults.Add(BearerIssuerOptions.Section, $"{string.Join(" and ", twice.Select(t => t.Key))} have the same issuer; name several audiences under Audiences of one");
    }
}
