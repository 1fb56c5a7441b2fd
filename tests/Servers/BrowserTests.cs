using Microsoft.AspNetCore.Http;

namespace OrgGateway.Tests.Servers;

/// <summary>What the session cookie of a gateway on plain loopback http rests on.</summary>
public sealed class BrowserTests(Browser browser) : IClassFixture<Browser>
{
    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task Chromium_keeps_a_host_cookie_of_plain_http_on_loopback_only_when_it_is_secure(string host)
    {
        await using var upstream = new EchoUpstream();
        await upstream.StartAsync();
        upstream.Answer = async context =>
        {
            if (context.Request.Path == "/set")
            {
                context.Response.Headers.SetCookie = new[]
                {
                    "__Host-orggw=x; Path=/; Secure; HttpOnly; SameSite=Lax",
                    "__Host-open=x; Path=/; HttpOnly; SameSite=Lax",
                    "orggw=x; Path=/; HttpOnly; SameSite=Lax",
                };
                context.Response.Redirect("/show");
                return;
            }
            context.Response.ContentType = "text/html";
            await context.Response.WriteAsync($"<p id=cookie>{context.Request.Headers.Cookie}</p>");
        };

        var page = await browser.NewPageAsync();
        await page.GotoAsync($"http://{host}:{upstream.Port}/set");

        Assert.Equal("__Host-orggw=x; orggw=x", await page.TextContentAsync("#cookie"));
        Assert.Equal("", await page.EvaluateAsync<string>("document.cookie"));
    }
}
