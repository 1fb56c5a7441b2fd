using System.Globalization;
using StackExchange.Redis;

namespace OrgGateway.Storage;

/// <summary>Reads the two ways people write a Redis address.</summary>
public static class RedisAddress
{
    /// <summary>For connections whose every wait is bounded, whatever the address says.</summary>
    public static ConfigurationOptions Of(StoreOptions options)
    {
        var redis = Parse(options.Redis!) ?? throw new ArgumentException("not checked", nameof(options));
        redis.AbortOnConnectFail = false;
        // A queued command would wait out a whole outage; the caller has a copy to fall back on and wants to know now.
        redis.BacklogPolicy = BacklogPolicy.FailFast;
        redis.AsyncTimeout = (int)options.Timeout.TotalMilliseconds;
        redis.ConnectTimeout = Math.Max(redis.AsyncTimeout, 2000);
        redis.HeartbeatInterval = TimeSpan.FromMilliseconds(100);
        // No pause between attempts, but how long one may take, the sentinels' answer included, before it is begun again.
        redis.ReconnectRetryPolicy = new LinearRetry(redis.ConnectTimeout);
        redis.ClientName = "orggateway";
        if (options.PasswordFile is { } file)
            redis.Password = File.ReadAllText(file).TrimEnd('\r', '\n');
        if (options.CertificateAuthorityFile is { } authority)
            redis.TrustIssuer(authority);
        return redis;
    }

    /// <returns>Null when the text is neither; the text may hold a password, so it is never part of a message.</returns>
    public static ConfigurationOptions? Parse(string text)
    {
        try
        {
            var options = IsUrl(text) ? FromUrl(text) : ConfigurationOptions.Parse(text);
            return options is { EndPoints.Count: > 0 } ? options : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    // Looked for in front of the first option only: a password may hold "://" as well.
    private static bool IsUrl(string text) => text.AsSpan(0, text.AsSpan().IndexOfAny(',', '=') is >= 0 and var end ? end : text.Length).Contains("://", StringComparison.Ordinal);

    private static ConfigurationOptions? FromUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("redis" or "rediss") || url.Host.Length == 0)
            return null;
        var options = new ConfigurationOptions { Ssl = url.Scheme == "rediss" };
        options.EndPoints.Add(url.DnsSafeHost, url.IsDefaultPort || url.Port < 0 ? 6379 : url.Port);
        if (options.Ssl)
            options.SslHost = url.DnsSafeHost;
        var colon = url.UserInfo.IndexOf(':', StringComparison.Ordinal);
        if (url.UserInfo.Length > 0)
        {
            options.User = colon > 0 ? Uri.UnescapeDataString(url.UserInfo[..colon]) : null;
            options.Password = Uri.UnescapeDataString(url.UserInfo[(colon + 1)..]);
        }
        if (url.AbsolutePath.Length > 1)
        {
            if (!int.TryParse(url.AbsolutePath[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var database))
                return null;
            options.DefaultDatabase = database;
        }
        return options;
    }
}
