using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.Bench.Load;

/// <summary>
/// Bearer tokens, each of its own, of an issuer with a published ES256 key, and the script that has wrk send every one of them once: more of
/// them than the gateway remembers, so that one that comes round again is as new as at first.
/// </summary>
public sealed class FreshTokens(string folder)
{
    public const string Issuer = "https://fresh.bench.test";

    /// <summary>The gateway remembers 50,000.</summary>
    private const int Count = 80_000;

    private long _next;

    public string KeySetFile => Path.Combine(folder, "fresh-keys.json");

    private string TokensFile => Path.Combine(folder, "fresh-tokens.txt");

    private string ScriptFile => Path.Combine(folder, "fresh-tokens.lua");

    public string First { get; private set; } = "";

    public async Task MakeAsync(Uri url)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(false).Q;
        await File.WriteAllTextAsync(
            KeySetFile, $$"""{ "keys": [ { "kty": "EC", "crv": "P-256", "use": "sig", "kid": "fresh", "x": "{{Base64Url.EncodeToString(point.X)}}", "y": "{{Base64Url.EncodeToString(point.Y)}}" } ] }""");
        var header = Base64Url.EncodeToString("""{"alg":"ES256","typ":"at+jwt","kid":"fresh"}"""u8);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        await using (var tokens = new StreamWriter(TokensFile))
            for (var number = 0; number < Count; number++)
            {
                var payload = $$$"""{"iss":"{{{Issuer}}}","aud":"{{{MachineToken.Audience}}}","sub":"machine","jti":"{{{number}}}","iat":{{{now}}},"exp":{{{now + 3000}}},"organizations":{"org_acme":{"slug":"acme","roles":["admin"] } } }""";
                var input = header + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload));
                var token = input + "." + Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256));
                First = number == 0 ? token : First;
                await tokens.WriteLineAsync(token);
            }
        // Each thread of wrk has its own Lua and takes every second token.
        await File.WriteAllTextAsync(
            ScriptFile,
            $$"""
            local started = 0
            function setup(thread) thread:set("id", started); started = started + 1 end
            function init(args)
              tokens, at = {}, math.floor(tonumber(args[2]) / 2)
              local line = 0
              for token in io.lines(args[1]) do
                if line % 2 == id then tokens[#tokens + 1] = token end
                line = line + 1
              end
            end
            function request()
              at = at + 1
              return "GET {{url.AbsolutePath}} HTTP/1.1\r\nHost: {{url.Authority}}\r\nAuthorization: Bearer " .. tokens[at % #tokens + 1] .. "\r\n\r\n"
            end
            """);
    }

    /// <summary>For wrk, before its address and behind it.</summary>
    public (string[] Before, string[] Behind) Arguments() => (["-s", ScriptFile], ["--", TokensFile, _next.ToString(System.Globalization.CultureInfo.InvariantCulture)]);

    /// <summary>The next run goes on where this one ended.</summary>
    /// <param name="requests">Answered; as many as there are connections may be on their way besides.</param>
    public void Sent(long requests) => _next += requests + 1000;
}
