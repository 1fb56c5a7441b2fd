// ASP.NET Core: what an app does with X-Auth-Assertion, with nothing but the framework.
//   var assertions = new GatewayAssertions(new HttpClient(), "http://gateway:8080/auth/.well-known/jwks.json", "https://app.example.com", "app");
//   app.Use(async (context, next) => { if (await assertions.VerifyAsync(context.Request, "projects") is { } claims) { context.Items["caller"] = claims; await next(); } else context.Response.StatusCode = 401; });
#nullable enable
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

/// <summary>One for the process. The keys are kept, and fetched again when an assertion names another, at most every ten seconds.</summary>
public sealed class GatewayAssertions(HttpClient http, string jwksUrl, string issuer, string cluster)
{
    private readonly SemaphoreSlim _fetching = new(1);
    private volatile Dictionary<string, ECDsa> _keys = [];
    private long _next;

    /// <returns>The claims; null where the app must answer 401.</returns>
    public async Task<JsonElement?> VerifyAsync(HttpRequest request, string route)
    {
        try
        {
            var parts = request.Headers["X-Auth-Assertion"].ToString().Split('.');
            if (parts.Length != 3 || Json(parts[0]) is var header && (header.GetProperty("alg").GetString() != "ES256" || header.TryGetProperty("crit", out _)))
                return null; // the algorithm is the gateway's, never the token's to choose
            if (await KeyAsync(header.GetProperty("kid").GetString()!) is not { } key
                || !key.VerifyData(Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256))
                return null;
            var claims = Json(parts[1]);
            string? Text(string name) => claims.GetProperty(name).GetString();
            return Text("iss") == issuer && Text("aud") == cluster && Text("route") == route && Text("method") == request.Method
                && claims.GetProperty("exp").GetInt64() > TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() ? claims : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException or KeyNotFoundException or InvalidOperationException or CryptographicException or HttpRequestException)
        {
            return null;
        }
    }

    private async Task<ECDsa?> KeyAsync(string kid)
    {
        if (_keys.TryGetValue(kid, out var known))
            return known;
        await _fetching.WaitAsync();
        try
        {
            if (!_keys.ContainsKey(kid) && Environment.TickCount64 >= _next)
            {
                _next = Environment.TickCount64 + 10_000;
                _keys = await FetchAsync();
            }
            return _keys.GetValueOrDefault(kid);
        }
        finally
        {
            _fetching.Release();
        }
    }

    private async Task<Dictionary<string, ECDsa>> FetchAsync() =>
        JsonDocument.Parse(await http.GetByteArrayAsync(jwksUrl)).RootElement.GetProperty("keys").EnumerateArray().ToDictionary(
            jwk => jwk.GetProperty("kid").GetString()!,
            jwk => ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new() { X = Base64Url.DecodeFromChars(jwk.GetProperty("x").GetString()), Y = Base64Url.DecodeFromChars(jwk.GetProperty("y").GetString()) },
            }));

    private static JsonElement Json(string part) => JsonDocument.Parse(Base64Url.DecodeFromChars(part)).RootElement;
}
