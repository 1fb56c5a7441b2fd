using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using OrgGateway.Configuration;
using OrgGateway.Oidc;
using OrgGateway.Sealing;
using OrgGateway.Sessions;
using OrgGateway.Storage;

namespace OrgGateway.SignIn;

/// <summary>Keeps logins under way: the record in the store, and a cookie that ties it to one browser.</summary>
public sealed class LoginTransactions(IStore store, KeyRing ring, SessionCookie cookie, BegunLogins begun, Site site, TimeProvider clock)
{
    private const int LongestState = 128;
    private readonly Sealed<LoginTransaction> _records = new(store, ring, LoginTransactionJson.Default.LoginTransaction, "login");

    /// <summary>256 random bits in base64url.</summary>
    public static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <returns>The state to send, or null when the store is unavailable.</returns>
    public async Task<string?> BeginAsync(HttpContext context, IdentityProvider provider, LoginTransaction transaction, CancellationToken cancellationToken)
    {
        var (state, binder) = (Random(), Random());
        transaction = transaction with { BinderHash = Hash(binder) };
        var expires = clock.GetUtcNow() + provider.Options.SignInTimeout;
        if (await _records.CreateAsync(KeyOf(state), transaction, expires, cancellationToken) != StoreWrite.Done)
            return null;
        var name = CookieName(state);
        context.Response.Cookies.Append(name, binder, Attributes(expires, provider.Options.PostsBack));
        if (begun.Add(context.Request, name) is { } tooMany)
            context.Response.Cookies.Append(tooMany, "", Attributes(DateTimeOffset.UnixEpoch, provider.Options.PostsBack));
        return state;
    }

    /// <summary>Takes the transaction of a state out of the store and its cookie out of the browser, whatever comes of it.</summary>
    /// <returns>Missing also when this is not the browser that began it.</returns>
    public async Task<StoreRead<LoginTransaction>> TakeAsync(HttpContext context, string state, CancellationToken cancellationToken)
    {
        if (state.Length is 0 or > LongestState)
            return StoreRead<LoginTransaction>.Missing;
        var name = CookieName(state);
        var bound = context.Request.Cookies.TryGetValue(name, out var binder);
        if (bound)
            context.Response.Cookies.Append(name, "", Attributes(DateTimeOffset.UnixEpoch, HttpMethods.IsPost(context.Request.Method)));
        RemoveSurplus(context, name);
        var read = await _records.TakeAsync(KeyOf(state), cancellationToken);
        if (read.Status != StoreStatus.Found)
            return new(read.Status, null);
        // A callback opened in another browser is an attempt to sign a victim in as somebody else (RFC 6749 §10.12, T44).
        return bound && CryptographicOperations.FixedTimeEquals(Hash(binder!), read.Value!.Value.BinderHash)
            ? StoreRead<LoginTransaction>.Found(read.Value.Value)
            : StoreRead<LoginTransaction>.Missing;
    }

    // With several replicas no one of them knows all logins begun. Browsers send the older of two cookies of one path first (RFC 6265 §5.4).
    private void RemoveSurplus(HttpContext context, string own)
    {
        // Of transactions: what counts round trips has a name of that beginning, and another length.
        var others = context.Request.Cookies.Keys.Where(name => name.Length == own.Length && name.StartsWith(cookie.LoginPrefix, StringComparison.Ordinal) && name != own).ToList();
        foreach (var name in others.SkipLast(BegunLogins.MostCookies))
            context.Response.Cookies.Append(name, "", Attributes(DateTimeOffset.UnixEpoch, HttpMethods.IsPost(context.Request.Method)));
    }

    private string CookieName(string state) => cookie.LoginPrefix + Base64Url.EncodeToString(Hash(state).AsSpan(0, 6));

    private StoreKey KeyOf(string state) => _records.KeyOfHash(Hash(state));

    // A form posted by the provider's page is cross-site: the cookie goes along only without SameSite, and browsers take such
    // ones only as Secure, which on plain http they do for loopback alone (Safari does not).
    private CookieOptions Attributes(DateTimeOffset expires, bool postsBack) => new()
    {
        HttpOnly = true,
        Secure = site.IsHttps || postsBack,
        SameSite = postsBack ? SameSiteMode.None : SameSiteMode.Lax,
        Path = site.AuthPath + SignInPaths.Callback,
        Expires = expires,
    };

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
