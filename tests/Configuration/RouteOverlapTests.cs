using OrgGateway.Configuration;
using OrgGateway.Hosting;
using Yarp.ReverseProxy.Configuration;

namespace OrgGateway.Tests.Configuration;

/// <summary>Two routes of the same requests are said at the start, not by a 500 for each request.</summary>
public sealed class RouteOverlapTests
{
    [Theory]
    [InlineData("/a/{**rest}", "/A/{*all}", true)]
    [InlineData("/orgs/{org}/x", "/orgs/{tenant}/x", true)]
    [InlineData("/orgs/{org:int}/x", "/orgs/{org}/x", false)]
    [InlineData("/a/{**rest}", "/a/b/{**rest}", false)]
    [InlineData("/a", "/b", false)]
    public void Paths_are_compared_as_routing_does(string one, string other, bool overlap) =>
        Assert.Equal(overlap, Warns(Route("one", new() { Path = one }), Route("other", new() { Path = other })));

    [Fact]
    public void What_tells_routes_apart_is_no_overlap()
    {
        var plain = Route("plain", new() { Path = "/a" });
        Assert.False(Warns(plain, Route("first", new() { Path = "/a" }, order: -1)));
        Assert.False(Warns(plain, Route("host", new() { Path = "/a", Hosts = ["a.test"] })));
        Assert.False(Warns(plain, Route("method", new() { Path = "/a", Methods = ["POST"] })));
        Assert.False(Warns(plain, Route("header", new() { Path = "/a", Headers = [new() { Name = "X", Values = ["1"] }] })));
        Assert.False(Warns(Route("get", new() { Path = "/a", Methods = ["GET"] }), Route("post", new() { Path = "/a", Methods = ["POST"] })));
        Assert.True(Warns(Route("get", new() { Path = "/a", Methods = ["GET"] }), Route("both", new() { Path = "/a", Methods = ["POST", "get"] })));
    }

    private static bool Warns(params RouteConfig[] routes)
    {
        var faults = new Faults();
        RouteOverlap.Check(routes, faults);
        Assert.False(faults.Any);
        return faults.Warnings.Count > 0;
    }

    private static RouteConfig Route(string id, RouteMatch match, int? order = null) => new() { RouteId = id, ClusterId = "app", Order = order, Match = match };
}
