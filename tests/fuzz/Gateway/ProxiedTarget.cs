using Microsoft.AspNetCore.Http;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Requests to routes, with a credential that counts or without one: those without reach nothing but what is public.</summary>
internal sealed class ProxiedTarget(Lazy<InProcessGateway> gateway) : GatewayTarget(gateway)
{
    private static readonly JsonGrammar Bearer = new("""{"iss":"https://tokens.example","aud":"api","sub":"machine","iat":1767225600,"exp":1767225601,"organizations":{"org_acme":{"slug":"acme","roles":["admin"]}}}""");
    private static readonly string[] Paths = ["/orgs/acme/x", "/orgs/org_acme/hidden/x", "/me", "/machine/acme/x", "/keyed/acme/x", "/post", "/socket/acme", "/cors/x", "/orgs/acme/live", "/orgs/acme/admin/x"];

    public override string Name => "proxied";

    public override byte[] Generate(SeededNumbers numbers)
    {
        var lines = new List<string>();
        if (numbers.OneIn(3))
            lines.Add("Authorization: " + numbers.Next(5) switch
            {
                0 => "Bearer " + UrlGrammar.Word(numbers, 20),
                1 => "ApiKey ogk_" + UrlGrammar.Word(numbers, 49),
                2 => numbers.Of(Fuzz.Words.HeaderValues),
                _ => $"Bearer {RequestGrammar.ByIssuer}{Bearer.Text(numbers).Replace("1767225600", "{now}").Replace("1767225601", "{soon}")}{RequestGrammar.End}",
            });
        if (numbers.OneIn(3))
            lines.Add(RequestGrammar.CookieLine(numbers));
        if (numbers.OneIn(6))
            lines.AddRange(["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Origin: " + numbers.Of(["{origin}", "{origin}", "https://evil.test", "null", ""])]);
        if (numbers.OneIn(8))
            lines.AddRange(["Origin: " + numbers.Of(["https://other.example", "https://evil.test", "null"]), "Access-Control-Request-Method: PUT"]);
        return RequestGrammar.Request(numbers, null, numbers.OneIn(2) ? numbers.Of(Paths) : UrlGrammar.Target(numbers), lines, numbers.OneIn(4) ? UrlGrammar.Query(numbers, ["access_token", "x"]) : "");
    }

    protected override void Judge(RawRequest request, HttpContext answered, string text)
    {
        // The upstream is not there: whatever is let through ends so.
        if (answered.Response.StatusCode is not (502 or 504))
            return;
        var isCredited = text.Contains($"{RequestGrammar.Cookie}={Session}", StringComparison.Ordinal) || request.Headers.Any(h => h.Name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) && h.Value.Count(c => c == '.') == 2);
        var path = answered.Request.Path.Value!;
        FuzzViolation.Unless(isCredited || path == "/" || path.StartsWith("/assets/", StringComparison.OrdinalIgnoreCase) || path.Equals("/assets", StringComparison.OrdinalIgnoreCase), $"{path} is let through without a credential");
    }
}
