using System.Collections.Frozen;
using System.Diagnostics;
using OrgGateway.Answers;

namespace OrgGateway.Proxy;

/// <summary>
/// Takes away what a caller must not say: every header whose name, with case and all but letters and digits ignored, is one
/// that the gateway sets (many servers fold <c>_</c> and <c>-</c>, T1-T4). Its cookies go later (<see cref="ForwardCookies"/>).
/// </summary>
public sealed class InboundHeaders
{
    private const int LongestName = 64;
    private const string TraceParent = "traceparent";
    private volatile Managed _managed;

    /// <param name="tokenHeaders">Names under which routes forward tokens, besides Authorization.</param>
    public InboundHeaders(IEnumerable<string> tokenHeaders) => _managed = Managed.With(tokenHeaders);

    /// <summary>After a reload: other names under which routes forward tokens.</summary>
    public void Manage(IEnumerable<string> tokenHeaders) => _managed = Managed.With(tokenHeaders);

    public void Strip(IHeaderDictionary headers)
    {
        List<string>? found = null;
        var managed = _managed;
        foreach (var (name, _) in headers)
            // Every managed name begins with one of these, whatever separators stand before it. Most names end here: folding
            // costs a hash.
            if ((!char.IsAsciiLetterOrDigit(name[0]) || managed.FirstLetters.Contains(char.ToLowerInvariant(name[0]))) && IsManaged(name) && !name.Equals(TraceParent, StringComparison.OrdinalIgnoreCase))
                (found ??= []).Add(name);
        if (found is not null)
            foreach (var name in found)
                headers.Remove(name);
        StripConnection(headers);
        StripTrace(headers);
    }

    /// <summary>Takes the API key away, under whatever spelling an upstream might read it (T1); only where a route accepts keys, since elsewhere the header is the application's own.</summary>
    public static void StripKey(IHeaderDictionary headers)
    {
        Span<char> folded = stackalloc char[LongestName];
        List<string>? keys = null;
        foreach (var (name, _) in headers)
            if (TryFold(name, folded, out var length) && folded[..length].SequenceEqual("xapikey"))
                (keys ??= []).Add(name);
        foreach (var name in keys ?? [])
            headers.Remove(name);
    }

    /// <summary>However long a name is: separators do not count, so only its letters and digits can be too many.</summary>
    public bool IsManaged(ReadOnlySpan<char> name)
    {
        Span<char> folded = stackalloc char[LongestName];
        return TryFold(name, folded, out var length) && _managed.Lookup.Contains(folded[..length]);
    }

    // "Connection: X-Auth-User-Id" asks every hop to drop that header, ours included (T8). What this hop needs to know of it is
    // whether it asks for an upgrade.
    private static void StripConnection(IHeaderDictionary headers)
    {
        if (headers.Connection is { Count: > 0 } connection && connection is not ["keep-alive"])
            headers.Connection = RequestKinds.HasToken(connection, "upgrade") ? "Upgrade" : "keep-alive";
        // Trailers of a request end here, and so does the announcement of them (T5).
        if (headers.Trailer.Count > 0)
            headers.Remove("Trailer");
    }

    // Who comes with a trace keeps it, but one, and only what is one (W3C Trace Context §3.2): the app reads it as the gateway's word.
    private static void StripTrace(IHeaderDictionary headers)
    {
        if (headers.TraceParent is not { Count: > 0 } trace || (trace.Count == 1 && ActivityContext.TryParse(trace[0], null, out _)))
            return;
        headers.Remove(TraceParent);
        headers.Remove("tracestate");
    }

    private static string Folded(string name)
    {
        Span<char> folded = stackalloc char[LongestName];
        return TryFold(name, folded, out var length) ? folded[..length].ToString() : throw new ArgumentException("a name of this length is not managed", nameof(name));
    }

    private static bool TryFold(ReadOnlySpan<char> name, Span<char> folded, out int length)
    {
        length = 0;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c))
                continue;
            if (length == folded.Length)
                return false;
            folded[length++] = char.ToLowerInvariant(c);
        }
        return length > 0;
    }

    private sealed class Managed(FrozenSet<string> names)
    {
        public FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Lookup { get; } = names.GetAlternateLookup<ReadOnlySpan<char>>();
        public System.Buffers.SearchValues<char> FirstLetters { get; } = System.Buffers.SearchValues.Create([.. names.Select(name => name[0]).Distinct()]);

        public static Managed With(IEnumerable<string> tokenHeaders) => new(IdentityHeaders.Names
            .Concat(["Authorization", "X-Request-Id", TraceParent, "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Forwarded-Port", "X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-Server", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "X-Real-IP", ForwardHeaders.ClientAddress, ForwardHeaders.ClientAddressAuthorization])
            .Concat(tokenHeaders)
            .Select(Folded)
            .ToFrozenSet(StringComparer.Ordinal));
    }
}
