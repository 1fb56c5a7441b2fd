using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>The management listener, for those who have its token and those who do not.</summary>
internal sealed class AdminTarget(Lazy<WireServers> servers) : WireTarget(servers)
{
    private const string Token = "demo-management-token";
    private static readonly string[] Paths =
    [
        "/admin/v1/sessions", "/admin/v1/sessions/x", "/admin/v1/users", "/admin/v1/organizations", "/admin/v1/org-tokens", "/admin/v1/org-tokens/refresh", "/admin/v1/api-keys", "/admin/v1/api-keys/x", "/admin/v1/api-keys/x/disable", "/admin/v1/routes",
        "/admin/v1/explain", "/admin/v1/sockets", "/admin/v1/refusals", "/sessions", "/sessions/do/user", "/sessions/do/session", "/api-keys/do/revoke", "/explain", "/sign-in", "/", "/health/ready", "/metrics",
    ];

    public override string Name => "admin";

    protected override Uri Server => Servers.Stack.Gateway.ManagementUrl;

    public override byte[] Generate(SeededNumbers numbers)
    {
        var query = UrlGrammar.Query(numbers, ["user", "org", "issuer", "skip", "limit", "path", "method", "token", "id", "allow", "host"]);
        if (numbers.OneIn(3))
            query += $"&skip={numbers.Of(["0", "-1", "2147483647", "99999999999", "x"])}&limit={numbers.Of(["1", "500", "501", "0"])}";
        return RequestGrammar.Request(
            numbers, numbers.OneIn(2) ? "GET" : null, numbers.Of(Paths) + (numbers.OneIn(6) ? UrlGrammar.Path(numbers) : "") + "?" + query,
            [numbers.OneIn(10) ? "Authorization: Bearer x" : "Authorization: Bearer " + Token, "Content-Type: application/x-www-form-urlencoded"], numbers.OneIn(2) ? query : "");
    }

    protected override void Judge(string text, int status, string answer) =>
        FuzzViolation.Unless(text.Contains(Token, StringComparison.Ordinal) || !answer.Contains("\"items\"", StringComparison.Ordinal), "something is listed without the token");
}
