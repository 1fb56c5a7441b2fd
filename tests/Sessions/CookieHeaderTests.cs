using Microsoft.Extensions.Primitives;
using OrgGateway.Sessions;

namespace OrgGateway.Tests.Sessions;

public sealed class CookieHeaderTests
{
    private const string Name = "__Host-orggw";
    private const string Prefix = "__Secure-orggw-login-";

    [Theory]
    [InlineData("__Host-orggw=mine", "mine")]
    [InlineData("a=1; __Host-orggw=mine; b=2", "mine")]
    [InlineData("a=1;__Host-orggw=mine;b=2", "mine")]
    [InlineData("  __Host-orggw=mine  ", "mine")]
    [InlineData("__Host-orggw=", "")]
    [InlineData("__Host-orggw=a=b==", "a=b==")]
    [InlineData("__Host-orggw=\"mine\"", "\"mine\"")]
    [InlineData("__Host-orggw=mine; __Host-orggw=planted", "mine")]
    [InlineData(";;; ;__Host-orggw=mine;;", "mine")]
    public void The_first_cookie_of_the_name_is_found(string header, string value)
    {
        Assert.True(CookieHeader.TryFind(header, Name, out var found));
        Assert.Equal(value, found.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(";")]
    [InlineData("=")]
    [InlineData("a")]
    [InlineData("\0")]
    [InlineData("__Host-orggw")]
    [InlineData("__Host-orggw2=x")]
    [InlineData("__Host-orggw_1=x; __Host-orggwC1=x; __Host-orggw-1=x")]
    [InlineData("x__Host-orggw=x")]
    [InlineData("__host-orggw=x; __HOST-ORGGW=x")]
    [InlineData("a=__Host-orggw=x")]
    [InlineData("a=\"b; c\"")]
    [InlineData("__Host-orggw =x")]
    public void Nothing_else_is_taken_for_it(string? header) => Assert.False(CookieHeader.TryFind(header, Name, out _));

    [Fact]
    public void A_cookie_is_found_on_a_later_line_and_in_64_KiB_of_others()
    {
        Assert.True(CookieHeader.TryFind(new StringValues(["a=1", null, "b=2; " + Name + "=mine"]), Name, out var found));
        Assert.Equal("mine", found.ToString());
        var others = string.Join("; ", Enumerable.Range(0, 6000).Select(i => $"cookie{i}=x"));
        Assert.InRange(others.Length, 64 * 1024, int.MaxValue);
        Assert.True(CookieHeader.TryFind(others + "; " + Name + "=mine", Name, out found));
        Assert.Equal("mine", found.ToString());
        Assert.False(CookieHeader.TryFind(new string(';', 64 * 1024), Name, out _));
    }

    [Theory]
    [InlineData("__Host-orggw=mine", "")]
    [InlineData("a=1; __Host-orggw=mine; b=2", "a=1; b=2")]
    [InlineData("__Host-orggw=mine; a=1; __Host-orggw=again", "a=1")]
    [InlineData("a=1; __Secure-orggw-login-x1=s; __Secure-orggw-login-=t; b=2", "a=1; b=2")]
    [InlineData("__Secure-orggw-login-x1=s", "")]
    [InlineData("__Host-orggw_1=a; __Host-orggwC1=b; __Host-orggw=c; __Host-orggw.2=d", "__Host-orggw_1=a; __Host-orggwC1=b; __Host-orggw.2=d")]
    [InlineData("z=1; a=\"q , w\"; z=2; a=%20;__Host-orggw=mine", "z=1; a=\"q , w\"; z=2; a=%20")]
    [InlineData("flag; __Host-orggw=mine; =nameless; a=", "flag; =nameless; a=")]
    [InlineData("a=1", "a=1")]
    [InlineData("a=1; b=2", "a=1; b=2")]
    [InlineData("", "")]
    public void Only_the_gateways_own_cookies_are_removed_and_the_others_keep_bytes_and_order(string header, string expected) =>
        Assert.Equal(expected, CookieHeader.Without(header, Name, Prefix).ToString());

    [Fact]
    public void Lines_become_one_and_none_is_left_of_none()
    {
        Assert.Equal("a=1; b=2; c=3", CookieHeader.Without(new StringValues(["a=1; __Host-orggw=x", "b=2", null, "__Secure-orggw-login-1=y; c=3"]), Name, Prefix).ToString());
        Assert.Equal(0, CookieHeader.Without(new StringValues(["__Host-orggw=x", "__Host-orggw=y"]), Name, Prefix).Count);
        Assert.Equal(0, CookieHeader.Without(StringValues.Empty, Name, Prefix).Count);
    }

    [Fact]
    public void What_is_removed_cannot_be_found_whatever_stands_around_it()
    {
        string[] pieces = [Name, Prefix, "=", ";", " ", "a", "\t", "\0", "\"", ",", Name + "=x", Prefix + "1=x"];
        foreach (var a in pieces)
            foreach (var b in pieces)
                foreach (var c in pieces)
                    foreach (var d in pieces)
                    {
                        var left = CookieHeader.Without(a + b + c + d, Name, Prefix);
                        Assert.False(CookieHeader.TryFind(left, Name, out _));
                        Assert.Equal(left.ToString(), CookieHeader.Without(left, Name, Prefix).ToString());
                    }
    }
}
