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

    /// <summary>In bytes, of one value, in every store.</summary>
    public const int LargestValue = 256 * 1024;

    /// <summary><c>Memory</c> (one process, nothing outlives it) or <c>Redis</c>. Default Memory.</summary>
    public StoreKind Kind { get; init; }

    /// <summary>
    /// StackExchange.Redis configuration string, or a <c>redis://</c> or <c>rediss://</c> URL. May hold a password. Several addresses are the
    /// nodes of a cluster, or with <c>serviceName</c> the sentinels that know the primary.
    /// </summary>
    public string? Redis { get; init; }

    /// <summary>File that holds the password (its last line break does not count); read at start. Wins over one in <see cref="Redis"/>.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>PEM file of the authority that signed Redis' certificate, where the system does not trust it already.</summary>
    public string? CertificateAuthorityFile { get; init; }

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
        CheckFile(Section + ":PasswordFile", PasswordFile, faults);
        CheckFile(Section + ":CertificateAuthorityFile", CertificateAuthorityFile, faults);
    }

    private static void CheckFile(string setting, string? path, Faults faults)
    {
        if (path is null)
            return;
        try
        {
            if (File.ReadAllText(path).Trim().Length == 0)
                faults.Add(setting, "the file is empty");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            faults.Add(setting, $"cannot be read ({exception.GetType().Name})");
        }
    }
}
