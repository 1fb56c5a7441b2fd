using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Oidc;
using OrgGateway.Tests.Oidc;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Tokens;

/// <summary>
/// Three replicas, one session whose token has expired, a provider that rotates: thousands of orders in which their commands,
/// requests, answers and messages can fall, with processes that die or stand still at any step.
/// </summary>
public sealed class RefreshInterleavingTests : IAsyncLifetime
{
    // The same seeds everywhere, fewer of them on a slow machine.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2.5);
    private const int Schedules = 1000;
    private IdentityProviders? _providers;

    public async Task InitializeAsync()
    {
        // With a clock that stands still: the metadata never grow old, so nothing is fetched within a schedule.
        var options = RelyingParty.Options(("Issuer", RotatingProvider.Issuer), ("UserInfo", "Off"), ("BackchannelTimeout", "00:00:05"));
        _providers = new(
            new Dictionary<string, IdentityProviderOptions> { ["main"] = options }, "main", RelyingParty.Site, new HttpClient(RotatingProvider.Metadata, disposeHandler: false), new FakeClock(),
            NullLoggerFactory.Instance);
        Assert.NotNull(await _providers.Default!.GetMetadataAsync(CancellationToken.None));
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    [Trait("Row", "T123")]
    [Trait("Row", "O55")]
    public void In_any_order_the_token_is_presented_once_and_every_request_gets_the_new_one() => Explore(new(), run =>
    {
        Assert.Equal(1, run.Provider.Requests);
        Assert.All(run.Answers, answer => Assert.Equal("access-1", answer));
        Assert.Equal(run.Provider.Current, run.Stored?.RefreshToken);
    });

    [Fact]
    [Trait("Row", "T125")]
    public void A_replica_that_dies_at_any_step_costs_at_most_one_sign_in() => Explore(new() { Crashes = 1, LostMessagesPerHundred = 10 }, run =>
    {
        Assert.Equal(0, run.Provider.Reuses);
        Assert.InRange(run.Provider.Requests, 0, 1);
        Assert.True(run.Stored is not null || run.DiedPresenting, "the session ended without a cause");
    });

    [Fact]
    [Trait("Row", "T124")]
    public void A_replica_that_stands_still_and_wakes_up_changes_nothing_that_others_did() => Explore(new() { Stalls = 1 }, run =>
    {
        Assert.Equal(0, run.Provider.Reuses);
        Assert.InRange(run.Provider.Requests, 0, 1);
        Assert.True(run.Stored is not null || run.DiedPresenting, "the session ended without a cause");
    });

    [Fact]
    [Trait("Row", "T55")]
    [Trait("Row", "T129")]
    public void A_session_that_is_ended_meanwhile_stays_dead_and_its_new_token_goes_back() => Explore(new() { Revokes = true }, run =>
    {
        Assert.Equal(0, run.Provider.Reuses);
        if (!run.Revoked)
            return; // the requests were done before it came to that
        Assert.Null(run.Stored);
        Assert.False(run.CameBack);
        Assert.True(run.Provider.Requests == 0 || run.Provider.Revoked.Contains(run.Provider.Current) || run.StoredBeforeEnd == run.Provider.Current);
    });

    [Fact]
    [Trait("Row", "T122")]
    [Trait("Row", "O57")]
    public void Neither_a_store_nor_a_provider_that_fails_now_and_then_ends_the_session() => Explore(
        new() { StoreFailuresPerHundred = 6, ProviderUnavailablePerHundred = 30, LostMessagesPerHundred = 20 },
        run =>
        {
            Assert.Equal(0, run.Provider.Reuses);
            Assert.NotNull(run.Stored);
            Assert.False(run.Provider.Ended, "a token in use was given back");
        });

    [Fact]
    [Trait("Row", "T121")]
    public void An_answer_that_never_comes_costs_at_most_one_sign_in_and_no_loop() => Explore(new() { ProviderUnansweredPerHundred = 50 }, run =>
    {
        Assert.InRange(run.Provider.Requests, 1, 3);
        Assert.True(run.Stored is not null || run.Provider.Ended);
    });

    private void Explore(RefreshScenario scenario, Action<RefreshRun> check)
    {
        var began = Stopwatch.GetTimestamp();
        var explored = 0;
        for (; explored < Schedules && (explored < 50 || Stopwatch.GetElapsedTime(began) < Bound); explored++)
        {
            var run = new RefreshRun(scenario, _providers!, seed: explored);
            run.Run();
            try
            {
                Assert.All(run.Answers.Where(answer => answer.StartsWith("access-", StringComparison.Ordinal)), answer => Assert.Contains(answer, run.Provider.AccessTokens));
                check(run);
            }
            catch (Exception failed)
            {
                throw new InvalidOperationException($"seed {explored}: {run}", failed);
            }
        }
        Assert.InRange(explored, 50, Schedules);
    }
}
