using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Admin;

/// <summary>What explain says beside what really happens.</summary>
public sealed class ExplainAgreesTests(AdminServers servers) : IClassFixture<AdminServers>
{
    private static readonly (string Who, string Method, string Path)[] Cases =
    [
        ("", "GET", "/"), ("", "GET", "/me"), ("", "GET", "/orgs/acme/x"), ("", "GET", "/nowhere"), ("", "GET", "/assets/app.css"),
        ("alice@acme.test", "GET", "/me"), ("alice@acme.test", "GET", "/orgs/acme/x"), ("alice@acme.test", "GET", "/orgs/org_acme/x"), ("alice@acme.test", "GET", "/orgs/acme/admin/x"),
        ("alice@acme.test", "GET", "/orgs/globex/x"), ("alice@acme.test", "GET", "/orgs/globex/admin/x"), ("alice@acme.test", "GET", "/orgs/initech/x"), ("alice@acme.test", "POST", "/orgs/acme/reports/1"),
        ("bob@globex.test", "GET", "/orgs/globex/x"), ("bob@globex.test", "GET", "/orgs/globex/admin/x"), ("bob@globex.test", "GET", "/orgs/acme/x"),
        ("dave@nowhere.test", "GET", "/me"), ("dave@nowhere.test", "GET", "/orgs/acme/x"), ("dave@nowhere.test", "GET", "/orgs/never-heard-of/x"), ("dave@nowhere.test", "GET", "/orgs/a%2Fb/x"),
    ];

    [Fact]
    [Trait("Row", "P14")]
    public async Task For_twenty_requests_explain_says_what_happens()
    {
        var browsers = new Dictionary<string, DemoBrowser>();
        try
        {
            foreach (var who in Cases.Select(c => c.Who).Distinct())
                browsers[who] = who.Length == 0 ? servers.Stack.BrowserFor() : await servers.Stack.SignedInAsync(who);
            var wrong = new List<string>();
            foreach (var (who, method, path) in Cases)
            {
                using var request = new HttpRequestMessage(new(method), path);
                using var answer = await browsers[who].SendAsync(request, CancellationToken.None);
                var told = await servers.JsonAsync(HttpMethod.Get, $"/admin/v1/explain?path={Uri.EscapeDataString(path)}&method={method}&user={Uri.EscapeDataString(who)}");
                var really = answer.Content.Headers.ContentType?.MediaType == "application/problem+json"
                    ? $"{(int)answer.StatusCode} {(string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]}"
                    : answer.StatusCode == HttpStatusCode.OK ? "forward" : ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
                var said = (string?)told["outcome"] == "forward" ? "forward" : $"{told["status"]} {(string?)told["code"]}";
                if (really != said)
                    wrong.Add($"{who} {method} {path}: said {said}, was {really}");
            }
            Assert.Equal(20, Cases.Length);
            Assert.Empty(wrong);
        }
        finally
        {
            foreach (var browser in browsers.Values)
                browser.Dispose();
        }
    }
}
