using Microsoft.AspNetCore.Http;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Sign-in, callback, sign-out and what tells of the session.</summary>
internal sealed class EndpointsTarget(Lazy<InProcessGateway> gateway) : GatewayTarget(gateway)
{
    private static readonly (string Path, string[] Names)[] Endpoints =
    [
        ("/auth/login", ["next", "org", "email", "login_hint", "connection", "prompt", "invitation", "iss", "target_link_uri", "ui_locales", "max_age", "acr_values"]),
        ("/auth/callback", ["state", "code", "iss", "error", "error_description", "session_state", "id_token"]),
        ("/auth/callback/main", ["state", "code", "iss", "error"]),
        ("/auth/logout", ["next", "everywhere", "post_logout_redirect_uri"]),
        ("/auth/signed-out", ["next"]), ("/auth/session", ["next"]), ("/auth/orgs", ["next"]), ("/auth/select-org", ["next"]), ("/auth/sign-in", ["next", "email", "org"]), ("/auth/error", ["code", "error", "reference", "next", "description"]),
        ("/auth/.well-known/jwks.json", ["x"]), ("/auth/org-tokens/refresh", ["org"]), ("/auth/", ["x"]),
    ];

    public override string Name => "endpoints";

    public override byte[] Generate(SeededNumbers numbers)
    {
        var (path, names) = numbers.Of(Endpoints);
        var query = UrlGrammar.Query(numbers, names);
        var isPost = numbers.OneIn(4);
        var lines = new List<string> { RequestGrammar.CookieLine(numbers), numbers.OneIn(2) ? "Accept: text/html" : "Accept: */*" };
        if (isPost)
            lines.Add("Content-Type: " + (numbers.OneIn(5) ? numbers.Of(Fuzz.Words.HeaderValues) : "application/x-www-form-urlencoded"));
        if (numbers.OneIn(3))
            lines.Add("Cookie: " + CookieGrammar.Line(numbers, numbers.Of(["orggw-login-trips", "orggw-login-restart", "orggw-login-AAAAAAAA"]), numbers.Of(["sign-in.6.{now}", "1", "sign-in.99999999999.1"])).Replace('\n', ' '));
        return RequestGrammar.Request(numbers, isPost ? "POST" : numbers.OneIn(8) ? null : "GET", path + (numbers.OneIn(10) ? UrlGrammar.Path(numbers) : "") + (isPost ? "" : "?" + query), lines, isPost ? query : "");
    }

    protected override void Judge(RawRequest request, HttpContext answered, string text) =>
        FuzzViolation.Unless(answered.Response.StatusCode is not (502 or 504) || !request.Target.StartsWith("/auth/", StringComparison.OrdinalIgnoreCase), "an endpoint of the gateway's own went to the upstream");
}
