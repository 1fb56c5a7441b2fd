namespace OrgGateway.Tests.Servers;

/// <summary>One request of a navigation and what came back.</summary>
public sealed record BrowserHop(HttpMethod Method, Uri Url, int Status, IReadOnlyList<string> SetCookies, Uri? Location);

/// <summary>Where a navigation ended, and the way there.</summary>
public sealed record BrowserVisit(HttpResponseMessage Response, string Body, IReadOnlyList<BrowserHop> Hops)
{
    public Uri Url => Hops[^1].Url;

    public int Status => Hops[^1].Status;
}
