using Microsoft.AspNetCore.Http;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Where others say that access has ended: logout tokens, front-channel logout, security events, SCIM.</summary>
internal sealed class InletsTarget(Lazy<InProcessGateway> gateway) : GatewayTarget(gateway)
{
    private static readonly JsonGrammar Logout = new(
        """{"iss":"{issuer}","aud":"gateway","iat":1767225600,"exp":1767225601,"jti":"j","sub":"ada","events":{"http://schemas.openid.net/event/backchannel-logout":{}}}""",
        """{"iss":"{issuer}","aud":["gateway"],"iat":1767225600,"exp":1767225601,"jti":"j2","sid":"s","events":{"http://schemas.openid.net/event/backchannel-logout":{}}}""");

    private static readonly JsonGrammar Event = new(
        """{"iss":"{issuer}","aud":"https://gateway.test/events","iat":1767225600,"jti":"j","sub_id":{"format":"iss_sub","iss":"{issuer}","sub":"ada"},"events":{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{}}}""",
        """{"iss":"{issuer}","aud":["https://gateway.test/events"],"iat":1767225600,"jti":"k","sub_id":{"format":"complex","session":{"format":"opaque","id":"s"}},"events":{"https://schemas.openid.net/secevent/caep/event-type/token-claims-change":{}}}""");

    private static readonly JsonGrammar Patch = new(
        """{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}""",
        """{"Operations":[{"op":"Add","value":{"active":"False","x":1}},{"op":"remove","path":"active"},{"OP":"replace","path":"emails[type eq \"work\"].value","value":"x"}]}""",
        """{"operations":[{"op":"replace","path":"active","value":true}]}""")
    { Values = ["replace", "add", "active", "true", "False", "ada"] };

    public override string Name => "inlets";
    public override IReadOnlyList<string> Words { get; } = [.. Fuzz.Words.Json, "{issuer}", "{now}", "logout_token=", "\u0001{", "}\u0002", "\u0003{", "Authorization: Bearer " + InProcessGateway.ScimToken + "\r\n"];
    protected override int Addresses => 5000;

    public override byte[] Generate(SeededNumbers numbers) => numbers.Next(4) switch
    {
        0 => RequestGrammar.Request(numbers, "POST", "/auth/backchannel-logout", ["Content-Type: application/x-www-form-urlencoded"],
            numbers.OneIn(20) ? UrlGrammar.Query(numbers, ["logout_token", "x"]) : $"logout_token={RequestGrammar.ByProvider}{Timed(Logout.Text(numbers, calm: 40))}{RequestGrammar.End}"),
        1 => RequestGrammar.Request(numbers, "POST", "/auth/events", ["Content-Type: application/secevent+jwt"], $"{RequestGrammar.ByTransmitter}{Timed(Event.Text(numbers, calm: 40))}{RequestGrammar.End}"),
        2 => RequestGrammar.Request(numbers, "GET", "/auth/frontchannel-logout?" + (numbers.OneIn(2) ? "iss={issuer}&sid=s" : UrlGrammar.Query(numbers, ["iss", "sid"])), [], ""),
        _ => RequestGrammar.Request(numbers, numbers.Of(["PATCH", "PATCH", "PATCH", "DELETE", "GET", "PUT"]), "/auth/scim/v2/Users/" + (numbers.OneIn(2) ? "ada" : UrlGrammar.Value(numbers)),
            [numbers.OneIn(8) ? "Authorization: Bearer " + UrlGrammar.Word(numbers, 20) : "Authorization: Bearer " + InProcessGateway.ScimToken, "Content-Type: application/scim+json"], Patch.Text(numbers, calm: 15)),
    };

    protected override void Judge(RawRequest request, HttpContext answered, string text)
    {
        var status = answered.Response.StatusCode;
        FuzzViolation.Unless(status is not (502 or 503 or 504) || !request.Target.StartsWith("/auth/", StringComparison.OrdinalIgnoreCase), $"a stranger's message makes a dependency look down: {status}");
        if (status < 300 && request.Target.StartsWith("/auth/scim/", StringComparison.OrdinalIgnoreCase))
            FuzzViolation.Unless(request.Headers.Any(h => h.Name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) && h.Value == "Bearer " + InProcessGateway.ScimToken), "SCIM without the token");
    }

    private static string Timed(string claims) => claims.Replace("1767225600", "{now}").Replace("1767225601", "{soon}");
}
