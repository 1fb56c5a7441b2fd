using OrgGateway.Configuration;

namespace OrgGateway.Storage;

public enum StoreKind
{
    Memory,
    Redis,
}

/// <summary><c>Gateway:Store</c>.</summary>
public sealed class StoreOptions
{
    public const string Section = "Gateway:Store";

    /// <summary><c>Memory</c> (one process, nothing outlives it) or <c>Redis</c>. Default Memory.</summary>
    public StoreKind Kind { get; init; }

    /// <summary>StackExchange.Redis configuration string, or a <c>redis://</c> or <c>rediss://</c> URL. May hold a password.</summary>
    public string? Redis { get; init; }

    /// <summary>What every key and channel starts with. Default <c>orggw</c>.</summary>
    public string KeyPrefix { get; init; } = "orggw";

    /// <summary>Longest wait for one answer of the store. 50 milliseconds to 10 seconds; default 1 second.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    public void Check(Faults faults)
    {
        faults.Range(Section + ":Timeout", Timeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10));
        if (KeyPrefix.Length is 0 or > 64 || !KeyPrefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            faults.Add(Section + ":KeyPrefix", "allowed are 1 to 64 letters, digits, '-' and '_'");
        if (Kind != StoreKind.Redis)
            return;
        faults.Require(Section + ":Redis", Redis, "the server's address, such as redis:6379 (or set REDIS_URL)");
        if (!string.IsNullOrWhiteSpace(Redis) && RedisAddress.Parse(Redis) is null)
            faults.Add(Section + ":Redis", "not a StackExchange.Redis configuration string nor a redis:// or rediss:// URL");
    }
}
