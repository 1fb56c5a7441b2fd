namespace OrgGateway.Tests.Fuzz;

/// <summary>Pieces that readers have disagreed about, by the language they belong to.</summary>
internal static class Words
{
    /// <summary>Of no language in particular. Bytes above 127 are UTF-8, some of it broken or overlong.</summary>
    public static readonly string[] Odd =
    [
        "\0", "\t", "\r\n", "\n", " ", "\"", "'", "\\", "/", ";", ",", "=", ":", "@", "?", "#", "&", "%", ".", "..", "-", "_", "~", "+", "*", "|", "{", "}", "[", "]", "<", ">", "`", "^", "$", "!",
        "\u007f", "\u0080", "\u00ff", "\u00c3\u00a9", "\u00c0\u00af", "\u00e0\u0080\u00af", "\u00ef\u00bc\u008f", "\u00ed\u00a0\u0080", "\u00f0\u009f\u0098\u0080", "\u00ef\u00bb\u00bf", "\u00e2\u0080\u00ae",
        "0", "-1", "1e999", "9223372036854775808", "NaN", "true", "null", "undefined", "A", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ];

    public static readonly string[] Paths =
    [
        .. Odd, "//", "///", "/./", "/../", "/.", "/..", "..;", ".%2e", "%2e", "%2E%2e", "%2f", "%2F", "%5c", "%5C", "%252f", "%25", "%00", "%0d%0a", "%09", "%zz", "%", "%c0%af", "%e0%80%af", "%ef%bc%8f", "%u002f", ";x=y", "?x=/public", "#f",
        "/orgs/acme/x", "/orgs/", "acme", "org_acme", "/me", "/public/x", "/auth/login", "https://evil.test", "//evil.test", "/\\evil.test", "http:", "https:/", "javascript:alert(1)", "data:text/html,x", "evil.test", "@evil.test", ":80", "[::1]",
    ];

    public static readonly string[] Json =
    [
        .. Odd, "{}", "[]", "{\"", "\":", "\",\"", "\\u0000", "\\ud800", "\\udc00", "\\u0041", "\\", "//x\n", "/**/", "1.5", "-0", "1E+2", "\"\"", "[[[[[[[[[[[[[[[[[[", "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":",
        "\"iss\"", "\"sub\"", "\"aud\"", "\"exp\"", "\"iat\"", "\"alg\"", "\"kid\"", "\"typ\"", "\"none\"", "\"keys\"", "\"active\"", "\"events\"", "\"sid\"", "\"nonce\"",
    ];

    /// <summary>Names that the gateway alone may say anything under, and some of the framework's own.</summary>
    public static readonly string[] Headers =
    [
        "X-Auth-Type", "X-Auth-User-Id", "X-Auth-User-Email", "X-Auth-User-Name", "X-Auth-Issuer", "X-Auth-Org-Id", "X-Auth-Org-Slug", "X-Auth-Roles", "X-Auth-Permissions", "X-Auth-Key-Id", "X-Auth-Assertion", "X-Auth-Reference",
        "Authorization", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Forwarded-Port", "X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-Server", "Forwarded", "X-Original-URL", "X-Original-URI", "X-Original-Method",
        "X-Rewrite-URL", "X-HTTP-Method-Override", "X-Real-IP", "X-Request-Id", "x-kraken-client-ip", "X-Api-Key",
    ];

    public static readonly string[] PlainHeaders =
    [
        "Accept", "Accept-Language", "User-Agent", "Origin", "Referer", "Content-Type", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-Dest", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol",
        "Access-Control-Request-Method", "Access-Control-Request-Headers", "traceparent", "tracestate", "baggage", "TE", "Expect", "Range", "If-None-Match", "HTTP2-Settings", "Max-Forwards", "Via", "Cookie",
    ];

    public static readonly string[] HeaderValues =
    [
        "text/html", "application/json", "*/*", "navigate", "cors", "same-origin", "cross-site", "websocket", "Upgrade", "keep-alive", "keep-alive, X-Auth-User-Id", "h2c", "13", "dGhlIHNhbXBsZSBub25jZQ==", "GET", "POST", "TRACE",
        "https://evil.test", "http://localhost", "null", "127.0.0.1", "10.9.8.7, 127.0.0.1", "for=10.9.8.7;proto=https;host=evil.test", "[::1]:80", "::ffff:127.0.0.1", "unknown", "_hidden", "https", "http", "evil.test", "/public/x", "//evil.test", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "application/x-www-form-urlencoded", "application/secevent+jwt", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded; charset=utf-7", "100-continue", "trailers", "bytes=0-", "",
    ];
}
