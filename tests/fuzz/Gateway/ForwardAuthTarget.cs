using Microsoft.AspNetCore.Http;
using OrgGateway.ForwardAuth;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Questions of other proxies, in every convention and mixture: only known proxies get an answer, and only the session speaks for somebody.</summary>
internal sealed class ForwardAuthTarget(Lazy<InProcessGateway> gateway) : GatewayTarget(gateway)
{
    public override string Name => "forward-auth";
    protected override int ProxiesInTen => 8;

    public override byte[] Generate(SeededNumbers numbers)
    {
        var (asked, lines) = (UrlGrammar.Target(numbers).Replace("\r\n", "").Replace('\n', ' '), new List<string> { numbers.OneIn(3) ? "Accept: text/html" : "Accept: */*" });
        var behind = "";
        switch (numbers.Next(5))
        {
            case 0:
                lines.AddRange(["X-Original-URI: " + asked, "X-Original-Method: " + numbers.Of(["GET", "POST", "", "TRACE"])]);
                break;
            case 1:
                behind = asked;
                break;
            default:
                lines.AddRange(["X-Forwarded-Uri: " + asked, "X-Forwarded-Method: " + numbers.Of(["GET", "GET", "POST", "OPTIONS", "x y"])]);
                break;
        }
        if (numbers.OneIn(2))
            lines.Add(RequestGrammar.CookieLine(numbers));
        if (numbers.OneIn(3))
            lines.AddRange(["X-Forwarded-For: " + numbers.Of(Fuzz.Words.HeaderValues), "X-Forwarded-Host: " + numbers.Of(Fuzz.Words.HeaderValues), "X-Forwarded-Proto: " + numbers.Of(Fuzz.Words.HeaderValues)]);
        return RequestGrammar.Request(numbers, "GET", "/auth/verify" + behind, lines, "");
    }

    protected override void Judge(RawRequest request, HttpContext answered, string text)
    {
        var reply = answered.Response;
        FuzzViolation.Unless(reply.StatusCode != 502 || !request.Target.StartsWith("/auth/", StringComparison.OrdinalIgnoreCase), "a question went to the upstream");
        if (reply.StatusCode != 200 || answered.GetEndpoint()?.DisplayName?.Contains("/auth/verify", StringComparison.Ordinal) != true)
            return;
        var headers = reply.Headers;
        // The address is the caller's by now; what stands in the feature is who connected.
        FuzzViolation.Unless(answered.Features.Get<ForwardAuthPeer>()?.Address?.ToString() == "127.0.0.1", "a stranger gets an answer");
        FuzzViolation.Unless(headers.All(h => !h.Key.StartsWith("X-Auth-", StringComparison.OrdinalIgnoreCase) || !h.Value.ToString().Contains(HeaderGrammar.Evil, StringComparison.Ordinal)), "the caller's own words come back as identity");
        var isSomebody = headers["X-Auth-Type"] != "anonymous";
        FuzzViolation.Unless(isSomebody == (headers["X-Auth-User-Id"].ToString().Length > 0), "somebody without a name, or a name of nobody");
        FuzzViolation.Unless(!isSomebody || text.Contains("orggw=" + Session, StringComparison.Ordinal) || text.Contains(RequestGrammar.ByIssuer), "somebody without a session");
    }
}
