using System.Globalization;
using StackExchange.Redis;

namespace OrgGateway.Storage;

/// <summary>Reads the two ways people write a Redis address.</summary>
public static class RedisAddress
{
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
