using System.Net;

namespace OrgGateway.Tests.Inlets;

[Collection(ThreeReplicas.Collection)]
public sealed class FrontchannelLogoutTests(ThreeReplicas servers)
{
    [Fact]
    [Trait("Row", "T50")]
    [Trait("Row", "O69")]
    public async Task Only_the_right_iss_with_the_right_sid_ends_a_session_and_only_the_provider_may_frame_it()
    {
        var cookie = await servers.SessionAsync("framed", "sid-framed");
        var iss = Uri.EscapeDataString(servers.Other.Origin);
        var foreign = Uri.EscapeDataString(servers.Stack.Provider.Issuer);
        foreach (var query in new[] { "", "?iss=" + iss, "?sid=sid-framed", $"?iss={iss}&sid=sid-other", $"?iss={foreign}&sid=sid-framed", "?iss=https%3A%2F%2Fnobody.example&sid=sid-framed", $"?iss={iss}&sid=sid-framed&sid=sid-other", $"?iss={iss}&iss={foreign}&sid=sid-framed" })
        {
            // With the cookie, too: a page of another site cannot use it to sign its visitor out.
            using var answer = await servers.Client.GetAsync(servers.Urls[0], "/auth/frontchannel-logout" + query, cookie);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.True(answer.Headers.CacheControl!.NoStore);
            Assert.False(answer.Headers.Contains("Set-Cookie"));
            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            Assert.DoesNotContain("nobody.example", policy, StringComparison.Ordinal);
            await servers.AssertInAsync(cookie);
        }
        using (var right = await servers.Client.GetAsync(servers.Urls[1], $"/auth/frontchannel-logout?iss={iss}&sid=sid-framed", null))
        {
            Assert.Equal(HttpStatusCode.OK, right.StatusCode);
            Assert.EndsWith("frame-ancestors " + servers.Other.Origin, right.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        }
        await servers.OutAsync(cookie, "front-channel logout");
    }
}
