using System.Text;
using System.Text.Json;
using OrgGateway.Sealing;
using OrgGateway.Sessions;
using OrgGateway.SignIn;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>What the gateway left in Redis, opened with the tests' key.</summary>
internal static class StoredSession
{
    private static readonly KeyRing Ring = new([new SealingKey("k1", DemoConfiguration.Secret)]);

    public static string KeyOf(string cookie)
    {
        Assert.True(SessionId.TryOf(cookie, out var id));
        return "orggw:session:" + id;
    }

    public static async Task<SessionRecord> ReadAsync(RedisServer redis, string cookie)
    {
        var key = KeyOf(cookie);
        return JsonSerializer.Deserialize(Open("session", key, (await redis.DumpAllAsync())[key]), SessionJson.Default.SessionRecord)!;
    }

    public static LoginTransaction OpenLogin(string key, byte[] value) =>
        JsonSerializer.Deserialize(Open("login", key, value), LoginTransactionJson.Default.LoginTransaction)!;

    private static byte[] Open(string purpose, string key, byte[] value)
    {
        Assert.True(Ring.TryOpen(purpose, Encoding.UTF8.GetBytes(key["orggw:".Length..]), value, out var plaintext));
        return plaintext;
    }
}
