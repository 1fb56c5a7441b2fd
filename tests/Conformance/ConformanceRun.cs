using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Conformance;

/// <summary>One module, from the browser's first request to its outcome.</summary>
public sealed class ConformanceRun : IDisposable
{
    private readonly ConformanceServers _servers;
    private readonly string _organization;
    private readonly int _tokens;
    private readonly int _userInfos;

    private ConformanceRun(ConformanceServers servers, HostileProvider provider, string organization)
    {
        (_servers, Provider, _organization, Browser) = (servers, provider, organization, new DemoBrowser(servers.Url));
        (_tokens, _userInfos) = (provider.Token.Hits, provider.UserInfo.Hits);
    }

    public HostileProvider Provider { get; }
    public DemoBrowser Browser { get; }

    /// <summary>Where the login ended.</summary>
    public BrowserVisit End { get; private set; } = null!;

    public int TokenRequests => Provider.Token.Hits - _tokens;
    public int UserInfoRequests => Provider.UserInfo.Hits - _userInfos;

    public bool HasSession => Browser.Cookies.Value(_servers.Url, "orggw") is not null;

    public static async Task<ConformanceRun> OfAsync(ConformanceServers servers, string module) =>
        await OfAsync(servers, ConformanceModules.Turn(module, servers), ConformanceModules.OrganizationOf(module));

    public static async Task<ConformanceRun> OfAsync(ConformanceServers servers, HostileProvider provider, string organization)
    {
        var run = new ConformanceRun(servers, provider, organization);
        await run.LoginAsync();
        return run;
    }

    /// <summary>One more login, in the same browser.</summary>
    public async Task LoginAsync()
    {
        End = await Browser.GetAsync($"/auth/login?org={_organization}&next=/me", CancellationToken.None);
        if (BrowserForm.In(End).FirstOrDefault(form => form.Fields.ContainsKey("state")) is { } response)
            End = await Browser.SubmitAsync(End, response, response.Fields, CancellationToken.None);
    }

    /// <summary>No session, an error page, and UserInfo was not asked.</summary>
    public ConformanceRun Refused()
    {
        Assert.Equal((400, "/auth/error"), (End.Status, End.Url.AbsolutePath));
        Assert.False(HasSession);
        Assert.Equal(0, UserInfoRequests);
        return this;
    }

    public ConformanceRun SignedIn()
    {
        Assert.Equal((200, "/me"), (End.Status, End.Url.AbsolutePath));
        Assert.True(HasSession);
        return this;
    }

    /// <summary>What the gateway says of the session.</summary>
    public async Task<JsonObject> SessionAsync() =>
        JsonNode.Parse((await Browser.GetAsync("/auth/session", CancellationToken.None)).Body)!.AsObject();

    public void Dispose() => Browser.Dispose();
}
