using OrgGateway.Demo.IdentityProvider;

namespace OrgGateway.Tests.Demo;

public sealed class FaultsTests
{
    [Fact]
    public async Task A_status_is_answered_as_often_as_asked_and_touches_nothing()
    {
        await using var app = await ClientApp.StartAsync();
        using var browser = app.NewBrowser();
        var tokens = await app.SignInAsync(browser);

        app.Provider.Faults.Token = new EndpointFault { Status = 503, RetryAfter = 7, Times = 1 };
        var (faultStatus, _) = await app.RefreshAsync(tokens.Text("refresh_token"));
        var (status, _) = await app.RefreshAsync(tokens.Text("refresh_token"));

        Assert.Equal((503, 200), (faultStatus, status));
        Assert.Equal(3, app.Provider.Counters.Token.Value);
        Assert.Equal(1, app.Provider.Counters.RefreshGrants.Value);
    }

    [Fact]
    public async Task A_hanging_endpoint_answers_nobody_and_does_not_hold_up_the_end()
    {
        var app = await ClientApp.StartAsync();
        app.Provider.Faults.UserInfo = new EndpointFault { Hangs = true };

        var answer = app.UserInfoAsync("x");
        await app.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        await Assert.ThrowsAnyAsync<Exception>(() => answer);
    }

    [Fact]
    public async Task A_delay_comes_before_the_answer()
    {
        await using var app = await ClientApp.StartAsync();
        app.Provider.Faults.UserInfo = new EndpointFault { Delay = TimeSpan.FromMilliseconds(300) };
        var begin = TimeProvider.System.GetTimestamp();

        var (status, _) = await app.UserInfoAsync("x");

        Assert.Equal(401, status);
        Assert.True(TimeProvider.System.GetElapsedTime(begin) >= TimeSpan.FromMilliseconds(290));
    }
}
