using System.Security.Cryptography;
using System.Text;
using OrgGateway.Sessions;

namespace OrgGateway.Tests.Sessions;

public sealed class SessionIdTests
{
    private const string Cookie = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO-_";

    [Fact]
    public void A_new_id_is_found_by_its_cookie_and_no_two_are_alike()
    {
        var cookies = new HashSet<string>();
        for (var i = 0; i < 10_000; i++)
        {
            var id = SessionId.New(out var cookie);
            Assert.Matches("^[A-Za-z0-9_-]{43}$", cookie);
            Assert.True(SessionId.TryOf(cookie, out var again));
            Assert.Equal(id, again);
            Assert.True(cookies.Add(cookie));
        }
    }

    [Fact]
    public void What_is_stored_and_published_is_the_hash_of_the_cookie_and_leads_back_to_the_id()
    {
        Assert.True(SessionId.TryOf(Cookie, out var id));
        var hash = new byte[32];
        id.CopyTo(hash);
        Assert.Equal(SHA256.HashData(Encoding.ASCII.GetBytes(Cookie)), hash);
        Assert.True(SessionId.TryFromHash(hash, out var again));
        Assert.Equal(id, again);
        Assert.False(SessionId.TryFromHash(hash.AsSpan(1), out _));
        Assert.False(SessionId.TryFromHash([.. hash, 0], out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData(Cookie + "A")]
    [InlineData("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO-")]
    [InlineData("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO+/")]
    [InlineData("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO-=")]
    [InlineData("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO- ")]
    [InlineData("abcdefghijklmnopqrst\tvwxyzABCDEFGHIJKLMNO-_")]
    [InlineData("abcdefghijklmnopqrst\nvwxyzABCDEFGHIJKLMNO-_")]
    [InlineData("abcdefghijklmnopqrst\0vwxyzABCDEFGHIJKLMNO-_")]
    [InlineData("abcdefghijklmnopqrstévwxyzABCDEFGHIJKLMNO-_")]
    [InlineData("\"bcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO-\"")]
    public void What_cannot_be_a_cookie_of_ours_is_none(string cookie)
    {
        Assert.False(SessionId.TryOf(cookie, out var id));
        Assert.Equal(default, id);
    }
}
