using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.Demo.IdentityProvider;

/// <summary>
/// Proof that a form comes from a page of this provider in the same browser (CSRF, also of the sign-in itself): a MAC
/// over a cookie that another site can neither read nor set, and over what the form is for.
/// </summary>
internal sealed class FormGuard(ProviderAddress address)
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    public string Issue(HttpContext context, string purpose)
    {
        var name = address.CookieName("browser");
        if (!context.Request.Cookies.TryGetValue(name, out var browser) || browser.Length is 0 or > 64)
        {
            browser = RandomId.New();
            context.Response.Cookies.Append(name, browser, new() { HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/" });
        }

        return Mac(browser, purpose);
    }

    public bool Accepts(HttpContext context, string purpose, string? token) =>
        token is not null
        && context.Request.Cookies.TryGetValue(address.CookieName("browser"), out var browser)
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(Mac(browser, purpose)));

    private string Mac(string browser, string purpose) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{browser.Length}:{browser}{purpose}")));
}
