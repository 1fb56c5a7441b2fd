using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.Admin;

/// <summary>
/// A sign-in at the console: a cookie that says until when, under a key derived from the management token, so that every replica
/// takes it and a new token ends all of them. The token itself is never in it.
/// </summary>
public sealed class ConsoleSession(ManagementOptions options, TimeProvider clock)
{
    /// <summary>Below the console's path alone: cookies do not know ports, and the public listener may have the same host name.</summary>
    public const string Path = "/console";

    private const string Cookie = "orggw-console";
    private const int EndLength = 8;
    private const int NonceLength = 16;
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(30);
    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(options.Token ?? ""), 32, info: "orggateway console session"u8.ToArray());

    public void Begin(HttpContext context)
    {
        Span<byte> value = stackalloc byte[EndLength + NonceLength + 32];
        BinaryPrimitives.WriteInt64BigEndian(value, (clock.GetUtcNow() + Life).ToUnixTimeSeconds());
        RandomNumberGenerator.Fill(value[EndLength..(EndLength + NonceLength)]);
        HMACSHA256.HashData(_key, value[..(EndLength + NonceLength)], value[(EndLength + NonceLength)..]);
        context.Response.Cookies.Append(Cookie, Base64Url.EncodeToString(value), Options(context));
    }

    public static void End(HttpContext context) => context.Response.Cookies.Delete(Cookie, Options(context));

    /// <returns>What posted forms must carry, or null without a sign-in that still counts.</returns>
    public string? FormKey(HttpContext context)
    {
        if (options.Token is null || context.Request.Cookies[Cookie] is not { Length: < 128 } text)
            return null;
        Span<byte> value = stackalloc byte[96];
        if (Base64Url.DecodeFromChars(text, value, out _, out var length) != System.Buffers.OperationStatus.Done || length != EndLength + NonceLength + 32)
            return null;
        Span<byte> expected = stackalloc byte[32];
        HMACSHA256.HashData(_key, value[..(EndLength + NonceLength)], expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, value[(EndLength + NonceLength)..length])
            || clock.GetUtcNow().ToUnixTimeSeconds() >= BinaryPrimitives.ReadInt64BigEndian(value))
            return null;
        HMACSHA256.HashData(_key, [.. "form"u8, .. value[EndLength..(EndLength + NonceLength)]], expected);
        return Base64Url.EncodeToString(expected);
    }

    /// <summary>Whether a post comes from a page of this very sign-in, and from nowhere else.</summary>
    public bool IsOurForm(HttpContext context, IFormCollection form) =>
        FormKey(context) is { } key
        && IsSameOrigin(context.Request)
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(form["form"].ToString()), Encoding.ASCII.GetBytes(key));

    // Browsers send both or one of these with a post; a page of another origin cannot make them ours.
    public static bool IsSameOrigin(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"];
        if (site.Count > 0 && site != "same-origin" && site != "none")
            return false;
        var origin = request.Headers.Origin;
        return origin.Count == 0 || origin == $"{request.Scheme}://{request.Host.Value}";
    }

    private static CookieOptions Options(HttpContext context) => new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = Path, Secure = context.Request.IsHttps };
}
