using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Primitives;
using OrgGateway.Configuration;

namespace OrgGateway.Sessions;

/// <summary>The one opaque cookie: read without allocation, removed from what goes upstream, deleted as it was set.</summary>
public sealed class SessionCookie(SessionOptions options, Site site)
{
    /// <summary>Name as browsers get it. A loopback http origin has neither prefix nor Secure: its clients refuse or never send such cookies.</summary>
    public string Name { get; } = site.IsHttps ? options.Cookie : WithoutPrefix(options.Cookie);

    /// <summary>Login transactions' cookies start with this.</summary>
    public string LoginPrefix { get; } = (site.IsHttps ? "__Secure-" : "") + WithoutPrefix(options.Cookie) + "-login-";

    /// <summary>Cookies of sign-ins at further providers start with this, and end with the provider's name.</summary>
    private string FurtherPrefix { get; } = (site.IsHttps ? options.Cookie : WithoutPrefix(options.Cookie)) + "-at-";

    public bool IsPresent(HttpRequest request) => CookieHeader.TryFind(request.Headers.Cookie, Name, out _);

    /// <returns>False without a cookie of ours or with one that cannot be an id.</returns>
    public bool TryRead(HttpRequest request, out SessionId id)
    {
        var header = request.Headers.Cookie;
        // The server keeps a connection's header as the same string while its bytes stay the same: then it was read before. Compared by
        // reference, so that no clock tells of its content; over HTTP/2 requests of a connection run at once, and share nothing.
        if (header.Count != 1 || !HttpProtocol.IsHttp11(request.Protocol) || request.HttpContext.Features.Get<IConnectionItemsFeature>()?.Items is not { } items)
            return TryRead(header, out id);
        if (items.TryGetValue(this, out var last) && last is LastCookie known && ReferenceEquals(known.Header, header[0]))
        {
            id = known.Id;
            return known.IsId;
        }
        var isId = TryRead(header, out id);
        items[this] = new LastCookie(header[0], isId, id);
        return isId;
    }

    private bool TryRead(StringValues header, out SessionId id)
    {
        id = default;
        return CookieHeader.TryFind(header, Name, out var value) && SessionId.TryOf(value, out id);
    }

    /// <summary>As <see cref="TryRead"/>, for a sign-in at a further provider.</summary>
    public bool TryReadFurther(HttpRequest request, string provider, out SessionId id)
    {
        id = default;
        return CookieHeader.TryFind(request.Headers.Cookie, FurtherPrefix + provider, out var value) && SessionId.TryOf(value, out id);
    }

    public void Write(HttpResponse response, string value, DateTimeOffset ends)
    {
        response.Cookies.Append(Name, value, Attributes(ends));
    }

    public void WriteFurther(HttpResponse response, string provider, string value, DateTimeOffset ends) =>
        response.Cookies.Append(FurtherPrefix + provider, value, Attributes(ends));

    public void DeleteFurther(HttpResponse response, string provider) =>
        response.Cookies.Append(FurtherPrefix + provider, "", Attributes(DateTimeOffset.UnixEpoch));

    /// <summary>Browsers delete only what matches name, path, domain and Secure of the cookie they hold (T47).</summary>
    public void Delete(HttpResponse response) => response.Cookies.Append(Name, "", Attributes(DateTimeOffset.UnixEpoch));

    /// <summary>The caller's own cookies, without the gateway's (T15).</summary>
    public StringValues WithoutOurs(StringValues cookies) => CookieHeader.Without(cookies, Name, LoginPrefix, FurtherPrefix, ReferenceEquals(Name, options.Cookie) ? null : options.Cookie);

    /// <summary>Whether a Set-Cookie line of an upstream would set one of the gateway's cookies (T16).</summary>
    public bool IsOurs(ReadOnlySpan<char> setCookie)
    {
        var name = NameOf(setCookie);
        // A cookie without a name is sent back as its value alone: "=orggw=x" comes as "orggw=x" (RFC 6265bis §5.8.3).
        if (name.IsEmpty && setCookie.IndexOf('=') is var equals and >= 0)
            name = NameOf(setCookie[(equals + 1)..]);
        return name.Equals(Name, StringComparison.Ordinal) || name.Equals(options.Cookie, StringComparison.Ordinal) || name.StartsWith(LoginPrefix, StringComparison.Ordinal)
            || name.StartsWith(FurtherPrefix, StringComparison.Ordinal);
    }

    private static ReadOnlySpan<char> NameOf(ReadOnlySpan<char> setCookie)
    {
        var end = setCookie.IndexOfAny('=', ';');
        return (end < 0 ? setCookie : setCookie[..end]).Trim();
    }

    private CookieOptions Attributes(DateTimeOffset expires) => new()
    {
        HttpOnly = true,
        Secure = site.IsHttps,
        SameSite = SameSiteMode.Lax,
        Path = "/",
        Domain = string.IsNullOrEmpty(options.CookieDomain) ? null : options.CookieDomain,
        Expires = expires,
    };

    private sealed record LastCookie(string? Header, bool IsId, SessionId Id)
    {
        public override string ToString() => "cookie (hidden)";
    }

    private static string WithoutPrefix(string name) =>
        name.StartsWith("__Host-", StringComparison.Ordinal) ? name["__Host-".Length..]
        : name.StartsWith("__Secure-", StringComparison.Ordinal) ? name["__Secure-".Length..]
        : name;
}
