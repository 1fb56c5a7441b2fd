using Microsoft.AspNetCore.Http;
using OrgGateway.Configuration;
using OrgGateway.Sessions;

namespace OrgGateway.Tests.Sessions;

public sealed class SessionCookieTests
{
    private const string Value = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO-_";
    private static readonly Uri Https = new("https://app.example.com");
    private static readonly Uri Loopback = new("http://localhost:8080");
    private static readonly DateTimeOffset Ends = new(2099, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact, Trait("Row", "S9")]
    public void The_cookie_is_for_one_host_https_and_the_server_alone()
    {
        var line = Written(Cookie(Https));
        Assert.Equal(
            ["__Host-orggw=" + Value, "expires=Fri, 02 Jan 2099 03:04:05 GMT", "httponly", "path=/", "samesite=lax", "secure"],
            Parts(line));
    }

    [Fact]
    public void On_a_loopback_http_origin_it_has_neither_prefix_nor_Secure() => Assert.Equal(
        ["expires=Fri, 02 Jan 2099 03:04:05 GMT", "httponly", "orggw=" + Value, "path=/", "samesite=lax"],
        Parts(Written(Cookie(Loopback))));

    [Theory, Trait("Row", "T47")]
    [InlineData("https://app.example.com", "__Host-orggw", null)]
    [InlineData("https://app.example.com", "__Secure-orggw", null)]
    [InlineData("https://app.example.com", "__Secure-orggw", "example.com")]
    [InlineData("https://app.example.com", "orggw", "example.com")]
    [InlineData("http://localhost:8080", "__Host-orggw", null)]
    [InlineData("http://127.0.0.1:8080", "orggw", null)]
    public void A_browser_keeps_the_cookie_and_drops_it_when_it_is_deleted(string origin, string name, string? domain)
    {
        var browser = new BrowserJar(new Uri(origin));
        var cookie = Cookie(new Uri(origin), name, domain);
        browser.Receive("other=1; Path=/");
        browser.Receive(Written(cookie));
        Assert.Equal(2, browser.Count);
        var request = Request(browser.Header);
        Assert.True(cookie.TryRead(request, out var id));
        Assert.True(SessionId.TryOf(Value, out var expected));
        Assert.Equal(expected, id);

        var response = new DefaultHttpContext().Response;
        cookie.Delete(response);
        browser.Receive(Assert.Single(response.Headers.SetCookie)!);
        Assert.Equal("other=1", browser.Header);

        // And it can be set anew: the deletion leaves nothing behind.
        browser.Receive(Written(cookie));
        Assert.True(cookie.IsPresent(Request(browser.Header)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(";")]
    [InlineData("=")]
    [InlineData("a")]
    [InlineData("__Host-orggw")]
    [InlineData("__Host-orggw=")]
    [InlineData("__Host-orggw=short")]
    [InlineData("orggw=" + Value)]
    public void Odd_headers_are_anonymous(string? header) => Assert.False(Cookie(Https).TryRead(Request(header), out _));

    [Fact]
    public void A_second_cookie_planted_by_another_host_is_not_looked_at()
    {
        var planted = new string('x', 43);
        Assert.True(Cookie(Https).TryRead(Request($"__Host-orggw={Value}; __Host-orggw={planted}"), out var id));
        Assert.True(SessionId.TryOf(Value, out var mine));
        Assert.Equal(mine, id);
        Assert.False(Cookie(Https).TryRead(Request($"__Host-orggw=broken; __Host-orggw={planted}"), out _));
    }

    [Fact]
    public void Upstreams_get_neither_the_session_nor_a_login_in_progress()
    {
        Assert.Equal("a=1; __Host-orggw_1=x", Cookie(Https).WithoutOurs($"a=1; __Host-orggw={Value}; __Secure-orggw-login-77=s; __Host-orggw_1=x").ToString());
        Assert.Equal("a=1", Cookie(Loopback).WithoutOurs($"orggw={Value}; orggw-login-77=s; a=1").ToString());
        Assert.Equal("a=1", Cookie(Loopback).WithoutOurs($"__Host-orggw={Value}; a=1").ToString()); // as it is configured
    }

    [Theory]
    [InlineData("__Host-orggw=x; Path=/", true)]
    [InlineData(" __Host-orggw =x", true)]
    [InlineData("__Host-orggw", true)]
    [InlineData("__Host-orggw;", true)]
    [InlineData("__Secure-orggw-login-5=x", true)]
    [InlineData("__Host-orggw2=x", false)]
    [InlineData("mine=__Host-orggw=x", false)]
    [InlineData("", false)]
    [InlineData("=__Host-orggw", true)] // sent back as "__Host-orggw"
    [InlineData("=__Host-orggw=x; Path=/", true)]
    [InlineData(" = orggw-at-second=x", false)]
    [InlineData("==__Host-orggw=x", false)]
    [InlineData("=other=__Host-orggw=x", false)]
    public void An_upstream_may_set_any_cookie_but_ours(string setCookie, bool ours) => Assert.Equal(ours, Cookie(Https).IsOurs(setCookie));

    private static SessionCookie Cookie(Uri origin, string name = "__Host-orggw", string? domain = null) =>
        new(new SessionOptions { Cookie = name, CookieDomain = domain }, new Site(origin, [], "/auth"));

    private static string Written(SessionCookie cookie)
    {
        var response = new DefaultHttpContext().Response;
        cookie.Write(response, Value, Ends);
        return Assert.Single(response.Headers.SetCookie)!;
    }

    private static string[] Parts(string line) => [.. line.Split("; ").Order(StringComparer.Ordinal)];

    private static HttpRequest Request(string? cookies)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Cookie = cookies;
        return request;
    }
}
