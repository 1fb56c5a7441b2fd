using Microsoft.AspNetCore.Http;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Conformance;

/// <summary>A provider that answers without end, or not at all, costs its own logins a moment and nobody else's anything.</summary>
[Collection(ConformanceSuite.Name)]
public sealed class EndlessAnswersTests(ConformanceServers servers)
{
    private static readonly Dictionary<string, Func<HttpContext, Task>> Answers = new()
    {
        ["silent"] = HostileAnswers.Silence,
        ["endless"] = Endless,
        ["dripping"] = Dripping,
        ["reset"] = HostileAnswers.Reset,
        ["html"] = HostileAnswers.Text("<html>", "text/html"),
    };

    [Theory, Trait("Row", "T101")]
    [InlineData("silent")]
    [InlineData("endless")]
    [InlineData("dripping")]
    [InlineData("reset")]
    [InlineData("html")]
    public async Task A_token_endpoint_without_an_answer_ends_on_the_error_page(string how)
    {
        var provider = servers.Provider("slow");
        provider.Behave();
        provider.Token.Answer = Answers[how];
        using (var run = await ConformanceRun.OfAsync(servers, provider, "slow"))
            Assert.Equal(1, run.Refused().TokenRequests);
        using var other = (await ConformanceRun.OfAsync(servers, "oidcc-client-test")).SignedIn();
    }

    [Theory, Trait("Row", "T101")]
    [InlineData("silent")]
    [InlineData("endless")]
    [InlineData("dripping")]
    public async Task A_sign_in_does_without_a_UserInfo_that_does_not_answer(string how)
    {
        var provider = servers.Provider("slow");
        provider.Behave();
        provider.UserInfo.Answer = Answers[how];
        using var run = (await ConformanceRun.OfAsync(servers, provider, "slow")).SignedIn();
        Assert.Equal(1, run.UserInfoRequests);
    }

    [Theory, Trait("Row", "T101")]
    [InlineData("silent")]
    [InlineData("endless")]
    public async Task Keys_that_cannot_be_had_end_on_the_error_page(string how)
    {
        var provider = servers.Provider("slow-keys");
        provider.Behave();
        provider.Keys.Answer = Answers[how];
        using var run = (await ConformanceRun.OfAsync(servers, provider, "slow-keys")).Refused();
    }

    [Theory, Trait("Row", "T101")]
    [InlineData("silent")]
    [InlineData("endless")]
    public async Task Metadata_that_cannot_be_had_is_a_page_that_says_so(string how)
    {
        var provider = servers.Provider("slow-metadata");
        provider.Metadata.Answer = Answers[how];
        using var run = await ConformanceRun.OfAsync(servers, provider, "slow-metadata");
        Assert.Equal((503, "/auth/login"), (run.End.Status, run.End.Url.AbsolutePath));
        Assert.True(run.End.Response.Headers.Contains("Retry-After"));
        using var other = (await ConformanceRun.OfAsync(servers, "oidcc-client-test")).SignedIn();
    }

    private static async Task Endless(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        var block = new byte[64 * 1024];
        Array.Fill(block, (byte)' ');
        try
        {
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The gateway has had enough.
        }
    }

    private static async Task Dripping(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        try
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(new byte[] { (byte)' ' }, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(50, context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // As above.
        }
    }
}
