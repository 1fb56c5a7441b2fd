using Microsoft.Extensions.Configuration;
using OrgGateway.Configuration;
using OrgGateway.Hosting;

namespace OrgGateway.Tests.Configuration;

/// <summary>Routes that no request could be told apart by, and names under <c>ReverseProxy</c> that nobody reads.</summary>
public sealed class ProxyFaultsTests
{
    private const string Cluster = """ "app": { "Destinations": { "a": { "Address": "http://app" } } } """;

    [Theory]
    [InlineData("""{ "Path": "/orgs/{org}/{**rest}" }""", """{ "Path": "/Orgs/{id}/{**other}" }""")]
    [InlineData("""{ "Path": "/a/{x:int}/" }""", """{ "Path": "/a/{y:int}" }""")]
    [InlineData("""{ "Path": "/a", "Methods": [ "GET", "POST" ] }""", """{ "Path": "/a", "Methods": [ "post" ] }""")]
    [InlineData("""{ "Path": "/a", "Hosts": [ "a.test", "b.test" ] }""", """{ "Path": "/a", "Hosts": [ "B.test" ] }""")]
    [InlineData("""{ "Hosts": [ "a.test" ] }""", """{ "Path": "/{**all}", "Hosts": [ "a.test" ] }""")]
    [InlineData("""{ "Path": "/a", "Headers": [ { "Name": "X-A", "Values": [ "1" ] } ] }""", """{ "Path": "/a", "Headers": [ { "Name": "x-a", "Values": [ "1" ] } ] }""")]
    public void Two_routes_that_ask_for_the_same_are_a_fault_that_names_both(string one, string other)
    {
        var fault = Assert.Single(FaultsOf($$""" "one": { "ClusterId": "app", "Match": {{one}} }, "other": { "ClusterId": "app", "Match": {{other}} } """));
        Assert.StartsWith("ReverseProxy:Routes:other:Match: asks for the same as route 'one'", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Path": "/a" }""", """{ "Path": "/{x}" }""")]
    [InlineData("""{ "Path": "/{x}" }""", """{ "Path": "/{x:int}" }""")]
    [InlineData("""{ "Path": "/a/{x}" }""", """{ "Path": "/b/{x}" }""")]
    [InlineData("""{ "Path": "/a/{x}" }""", """{ "Path": "/a/{**x}" }""")]
    [InlineData("""{ "Path": "/a" }""", """{ "Path": "/a", "Methods": [ "GET" ] }""")]
    [InlineData("""{ "Path": "/a", "Methods": [ "GET" ] }""", """{ "Path": "/a", "Methods": [ "POST" ] }""")]
    [InlineData("""{ "Path": "/a" }""", """{ "Path": "/a", "Hosts": [ "a.test" ] }""")]
    [InlineData("""{ "Path": "/a", "Hosts": [ "b.test" ] }""", """{ "Path": "/a", "Hosts": [ "a.test" ] }""")]
    [InlineData("""{ "Path": "/a" }""", """{ "Path": "/a", "Headers": [ { "Name": "X-A", "Mode": "Exists" } ] }""")]
    [InlineData("""{ "Path": "/a", "QueryParameters": [ { "Name": "a", "Values": [ "1" ] } ] }""", """{ "Path": "/a", "QueryParameters": [ { "Name": "a", "Values": [ "2" ] } ] }""")]
    public void Routes_that_routing_tells_apart_are_none(string one, string other) =>
        Assert.Empty(FaultsOf($$""" "one": { "ClusterId": "app", "Match": {{one}} }, "other": { "ClusterId": "app", "Match": {{other}} } """));

    [Fact]
    public void An_order_tells_them_apart() =>
        Assert.Empty(FaultsOf(""" "one": { "ClusterId": "app", "Match": { "Path": "/a" } }, "other": { "ClusterId": "app", "Order": 1, "Match": { "Path": "/a" } } """));

    [Theory]
    [InlineData("""{ "Path": "/a", "Headers": [ { "Mode": "Exists" } ] }""")]
    [InlineData("""{ "Path": "/a", "QueryParameters": [ { "Mode": "Exists" } ] }""")]
    [InlineData("""{ "Path": "/a", "Methods": [ null ] }""")]
    [InlineData("""{ "Path": "/a", "Hosts": [ null ] }""")]
    [InlineData("""{ "Path": "/{a" }""")]
    public void What_is_missing_in_a_match_is_a_fault_and_no_crash(string match) =>
        Assert.All(FaultsOf($$""" "one": { "ClusterId": "app", "Match": {{match}} } """), fault => Assert.StartsWith("ReverseProxy:Routes:one", fault, StringComparison.Ordinal));

    [Theory]
    [InlineData("""{ "Path": "/a", "Mehtods": [ "GET" ] }""", "Match:Mehtods: unknown; did you mean 'Methods'?")]
    [InlineData("""{ "Path": "/a", "Headers": [ { "Nam": "x", "Name": "x", "Mode": "Exists" } ] }""", "Match:Headers:0:Nam: unknown; did you mean 'Name'?")]
    public void A_name_in_a_match_that_nobody_reads_is_a_fault(string match, string says) =>
        Assert.Equal("ReverseProxy:Routes:one:" + says, Assert.Single(FaultsOf($$""" "one": { "ClusterId": "app", "Match": {{match}} } """)));

    [Theory]
    [InlineData(""" "LoadBalancingPolicie": "Random" """, "LoadBalancingPolicie: unknown; did you mean 'LoadBalancingPolicy'?")]
    [InlineData(""" "HealthCheck": { "Active": { "Enabled": true, "Intervall": "00:00:10" } } """, "HealthCheck:Active:Intervall: unknown; did you mean 'Interval'?")]
    [InlineData(""" "Destinations": { "b": { "Address": "http://app", "Adress": "http://other" } } """, "Destinations:b:Adress: unknown; did you mean 'Address'?")]
    [InlineData(""" "HttpRequest": { "ActivityTimeot": "00:00:10" } """, "HttpRequest:ActivityTimeot: unknown; did you mean 'ActivityTimeout'?")]
    public void A_name_in_a_cluster_that_nobody_reads_is_a_fault(string setting, string says) =>
        Assert.Equal("ReverseProxy:Clusters:other:" + says, Assert.Single(FaultsOf("", $$""", "other": { "Destinations": { "a": { "Address": "http://app" } }, {{setting}} }""")));

    [Fact]
    public void Every_name_that_YARP_reads_is_known() => Assert.Empty(FaultsOf(
        """
        "one": { "ClusterId": "app", "Match": { "Path": "/a", "Methods": [ "GET" ], "Hosts": [ "a.test" ],
          "Headers": [ { "Name": "x", "Values": [ "1" ], "Mode": "ExactHeader", "IsCaseSensitive": true } ],
          "QueryParameters": [ { "Name": "x", "Values": [ "1" ], "Mode": "Exact", "IsCaseSensitive": true } ] } }
        """,
        """
        , "other": { "LoadBalancingPolicy": "Random", "Metadata": { "Any": "thing" },
          "SessionAffinity": { "Enabled": true, "Policy": "HashCookie", "FailurePolicy": "Redistribute", "AffinityKeyName": "k", "Cookie": { "Path": "/", "Domain": "a.test", "HttpOnly": true, "SecurePolicy": "Always", "SameSite": "Lax", "Expiration": "01:00:00", "MaxAge": "01:00:00", "IsEssential": true } },
          "HealthCheck": { "AvailableDestinationsPolicy": "HealthyAndUnknown", "Passive": { "Enabled": true, "Policy": "TransportFailureRate", "ReactivationPeriod": "00:01:00" }, "Active": { "Enabled": true, "Interval": "00:00:10", "Timeout": "00:00:10", "Policy": "ConsecutiveFailures", "Path": "/h" } },
          "HttpClient": { "SslProtocols": [ "Tls12" ], "DangerousAcceptAnyServerCertificate": false, "MaxConnectionsPerServer": 10, "EnableMultipleHttp2Connections": true, "RequestHeaderEncoding": "utf-8", "ResponseHeaderEncoding": "utf-8", "WebProxy": { "Address": "http://proxy", "BypassOnLocal": true, "UseDefaultCredentials": false } },
          "HttpRequest": { "ActivityTimeout": "00:01:00", "Version": "2", "VersionPolicy": "RequestVersionOrLower", "AllowResponseBuffering": false },
          "Destinations": { "a": { "Address": "http://app", "Health": "http://app/h", "Host": "app", "Metadata": { "Any": "thing" } } } }
        """));

    private static List<string> FaultsOf(string routes, string clusters = "")
    {
        var json = $$"""{ "ReverseProxy": { "Routes": { {{routes}} }, "Clusters": { {{Cluster}} {{clusters}} } } }""";
        var faults = new Faults();
        RouteSection.Read(new ConfigurationBuilder().AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json))).Build().GetSection("ReverseProxy"), faults);
        return [.. faults.All];
    }
}
