using System.Net;
using OrgGateway.Configuration;
using OrgGateway.Storage;

namespace OrgGateway.Tests.Storage;

public sealed class RedisAddressTests
{
    [Theory]
    [InlineData("redis://cache", "cache:6379", false, null, null, null)]
    [InlineData("redis://cache:6380", "cache:6380", false, null, null, null)]
    [InlineData("REDIS://cache:6380/", "cache:6380", false, null, null, null)]
    [InlineData("redis://127.0.0.1:6380/3", "127.0.0.1:6380", false, null, null, 3)]
    [InlineData("redis://[::1]:6380/3", "[::1]:6380", false, null, null, 3)]
    [InlineData("redis://:secret@cache", "cache:6379", false, null, "secret", null)]
    [InlineData("redis://secret@cache", "cache:6379", false, null, "secret", null)]
    [InlineData("redis://ada:se%40c%3Aret%2F@cache:1", "cache:1", false, "ada", "se@c:ret/", null)]
    [InlineData("redis://ada:se:cret@cache", "cache:6379", false, "ada", "se:cret", null)]
    [InlineData("rediss://ada:secret@cache.example.com:6390/0", "cache.example.com:6390", true, "ada", "secret", 0)]
    public void A_URL_is_read_as_redis_clients_read_it(string text, string endPoint, bool tls, string? user, string? password, int? database)
    {
        var options = RedisAddress.Parse(text);
        Assert.NotNull(options);
        Assert.Equal(endPoint, Text(Assert.Single(options.EndPoints)));
        Assert.Equal(tls, options.Ssl);
        Assert.Equal(user, options.User);
        Assert.Equal(password, options.Password);
        Assert.Equal(database, options.DefaultDatabase);
    }

    [Theory]
    [InlineData("rediss://cache.example.com", "cache.example.com")]
    [InlineData("rediss://[::1]:6380", "::1")]
    public void Over_TLS_the_certificate_must_be_the_hosts(string text, string host) => Assert.Equal(host, RedisAddress.Parse(text)!.SslHost);

    [Theory]
    [InlineData("cache", "cache:0", null)]
    [InlineData("cache:6380", "cache:6380", null)]
    [InlineData("cache:6380,password=secret,defaultDatabase=2", "cache:6380", "secret")]
    [InlineData("cache:6380,password=redis://odd", "cache:6380", "redis://odd")]
    [InlineData("a:1,b:2,password=secret", "a:1 b:2", "secret")]
    [InlineData("[::1]:6380", "[::1]:6380", null)]
    public void A_configuration_string_is_the_librarys(string text, string endPoints, string? password)
    {
        var options = RedisAddress.Parse(text);
        Assert.NotNull(options);
        Assert.Equal(endPoints, string.Join(' ', options.EndPoints.Select(Text)));
        Assert.Equal(password, options.Password);
        Assert.False(options.Ssl);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("password=hunter2-secret")]
    [InlineData("cache,pasword=hunter2-secret")]
    [InlineData("cache,ssl=perhaps,password=hunter2-secret")]
    [InlineData("cache:99999999,password=hunter2-secret")]
    [InlineData("http://cache:hunter2-secret@host")]
    [InlineData("redis-sentinel://:hunter2-secret@cache")]
    [InlineData("redis://")]
    [InlineData("redis:///0")]
    [InlineData("redis://:hunter2-secret@")]
    [InlineData("redis://:hunter2-secret@cache:99999")]
    [InlineData("redis://:hunter2-secret@cache:port")]
    [InlineData("redis://:hunter2-secret@cache/name")]
    [InlineData("redis://:hunter2-secret@cache/-1")]
    [InlineData("redis://:hunter2-secret@cache/1/2")]
    [InlineData("redis://:hunter2-secret@a:1,b:2")]
    [InlineData("redis://:hunter2#secret@cache")]
    [InlineData("://:hunter2-secret@cache")]
    public void What_is_neither_is_refused_without_repeating_it(string text)
    {
        Assert.Null(RedisAddress.Parse(text));

        var faults = new Faults();
        new StoreOptions { Kind = StoreKind.Redis, Redis = text }.Check(faults);
        var fault = Assert.Single(faults.All);
        Assert.StartsWith("Gateway:Store:Redis: ", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_makes_it_throw()
    {
        string[] pieces = ["redis://", "rediss://", ":", "@", "/", ",", "=", "password", "%", "%zz", "[", "]", "[::1]", "\0", " ", "é", "6379", "-1", "ssl", "true", "#", "?", "\\", "host"];
        var count = 0;
        foreach (var a in pieces)
            foreach (var b in pieces)
                foreach (var c in pieces)
                {
                    _ = RedisAddress.Parse(a + b + c);
                    _ = RedisAddress.Parse("redis://host" + a + b + c);
                    count++;
                }
        Assert.Equal(pieces.Length * pieces.Length * pieces.Length, count);
    }

    private static string Text(EndPoint endPoint) => endPoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endPoint.ToString()!;
}
