using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.Bench.BareYarp;

/// <summary>The least that a session in process can cost: its cookie is found and taken away, hashed and looked up, and five headers are set.</summary>
internal sealed class Floor
{
    // Others in the table, so that the look-up is not one warm bucket.
    private const int Others = 10_000;
    private readonly ConcurrentDictionary<Key, Session> _sessions = new();
    private readonly string _name;

    /// <param name="cookie">Name and value of the one that is let through.</param>
    public Floor(string cookie)
    {
        var pair = cookie.Split('=', 2);
        _name = pair[0];
        _sessions[Key.Of(pair[1])] = new("alice");
        for (var i = 0; i < Others; i++)
            _sessions[Key.Of(Convert.ToHexString(RandomNumberGenerator.GetBytes(32)))] = new("person-" + i);
    }

    public Task AskAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Request.Headers;
        if (headers.Cookie.Count != 1 || !TryTake(headers.Cookie[0]!, out var value, out var rest) || !_sessions.TryGetValue(Key.Of(value), out var session))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        }
        headers.Cookie = rest;
        headers["X-Auth-User-Id"] = session.Person;
        headers["X-Auth-Email"] = session.Email;
        headers["X-Auth-Org-Slug"] = "acme";
        headers["X-Auth-Roles"] = "admin";
        headers.Authorization = session.Token;
        return next(context);
    }

    private bool TryTake(string cookies, out ReadOnlySpan<char> value, out string? rest)
    {
        value = default;
        rest = null;
        var all = cookies.AsSpan();
        foreach (var range in all.Split(';'))
        {
            var cookie = all[range].Trim();
            if (cookie.Length <= _name.Length || cookie[_name.Length] != '=' || !cookie.StartsWith(_name, StringComparison.Ordinal))
                continue;
            value = cookie[(_name.Length + 1)..];
            var before = range.Start.GetOffset(all.Length);
            rest = before == 0 && range.End.GetOffset(all.Length) == all.Length ? null : string.Concat(all[..before], all[range.End.GetOffset(all.Length)..]);
            return true;
        }
        return false;
    }

    private sealed record Session(string Person)
    {
        public string Email { get; } = Person + "@acme.test";

        // As long as a usual JWT.
        public string Token { get; } = "Bearer " + new string('t', 900);
    }

    private readonly record struct Key(ulong A, ulong B, ulong C, ulong D)
    {
        public static Key Of(ReadOnlySpan<char> value)
        {
            Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetMaxByteCount(Math.Min(value.Length, 256))];
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(value[..Math.Min(value.Length, 256)], bytes)], hash);
            var parts = MemoryMarshal.Cast<byte, ulong>(hash);
            return new(parts[0], parts[1], parts[2], parts[3]);
        }
    }
}
