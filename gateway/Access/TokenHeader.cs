using System.Collections.Frozen;

namespace OrgGateway.Access;

/// <summary>Which header may carry a token to the upstream, and in front of it which scheme.</summary>
public static class TokenHeader
{
    // A token in place of one of these would break the connection, or be taken by the upstream for who the caller is.
    private static readonly FrozenSet<string> Taken = new[]
    {
        "Host", "Cookie", "Connection", "Keep-Alive", "Upgrade", "TE", "Trailer", "Transfer-Encoding", "Content-Length", "Content-Type", "Expect", "Forwarded",
        "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Request-Id", "traceparent", "tracestate",
        "X-Auth-Type", "X-Auth-User-Id", "X-Auth-User-Email", "X-Auth-User-Name", "X-Auth-Issuer", "X-Auth-Org-Id", "X-Auth-Org-Slug", "X-Auth-Roles",
        "X-Auth-Permissions", "X-Auth-Key-Id", "X-Auth-Assertion", "X-Auth-Reference",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <returns>What is wrong with the name; null when nothing is.</returns>
    public static string? Fault(string name) =>
        name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? $"'{name}' is not a header name"
        : Taken.Contains(name) ? $"'{name}' has another meaning to the upstream; allowed is Authorization, or a name that is not the gateway's own or HTTP's"
        : null;

    /// <summary>Whether it can stand in front of the token: it is written into the header as it is.</summary>
    public static bool IsScheme(string prefix) => prefix.Length <= 65 && prefix.All(c => c is >= ' ' and <= '~');
}
