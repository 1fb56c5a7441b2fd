using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Limits;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.Sessions;

namespace OrgGateway.Tests.Limits;

/// <summary>What a limit does while the store cannot count, and how its window slides.</summary>
public sealed class RateLimiterTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly FakeClock _clock = new();
    private readonly FaultyStore _store;
    private readonly RateLimiter _limiter;

    public RateLimiterTests()
    {
        _store = new FaultyStore(new MemoryStore(_clock));
        _limiter = new(_store, _clock, NullLogger<RateLimiter>.Instance);
    }

    [Theory]
    [InlineData(StoreDownChoice.Allow, LimitOutcome.Uncounted, LimitOutcome.Uncounted)]
    [InlineData(StoreDownChoice.Deny, LimitOutcome.StoreDown, LimitOutcome.StoreDown)]
    [InlineData(StoreDownChoice.Local, LimitOutcome.Allowed, LimitOutcome.Refused)]
    public async Task While_the_store_is_down_a_limit_does_as_it_is_told(StoreDownChoice choice, LimitOutcome first, LimitOutcome third)
    {
        _store.IsDown = true;
        var limit = new RateLimit("x", 2, TimeSpan.FromSeconds(10), LimitBy.Ip, choice);
        Assert.Equal((first, first, third), (await UseAsync(limit), await UseAsync(limit), await UseAsync(limit)));
        Assert.Equal(first, await UseAsync(limit, "another"));
    }

    [Fact]
    public async Task What_was_used_counts_less_and_less_and_the_time_to_come_back_is_true()
    {
        var limit = new RateLimit("x", 10, TimeSpan.FromSeconds(10), LimitBy.Ip, StoreDownChoice.Allow);
        for (var i = 0; i < 10; i++)
            Assert.Equal(LimitOutcome.Allowed, await UseAsync(limit));
        var refused = await _limiter.UseAsync(limit, ["a"], null, always: false, default);
        Assert.Equal((LimitOutcome.Refused, 11), (refused.Outcome, (int)refused.Answer.RetryAfter.TotalSeconds));
        _clock.Advance(refused.Answer.RetryAfter - TimeSpan.FromMilliseconds(50));
        Assert.Equal(LimitOutcome.Refused, await UseAsync(limit));
        _clock.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal((LimitOutcome.Allowed, LimitOutcome.Refused), (await UseAsync(limit), await UseAsync(limit)));
        _clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(10, (await _limiter.UseAsync(limit, ["a"], 0, always: false, default)).Answer.Remaining);
    }

    [Fact]
    public async Task A_budget_begins_anew_and_what_was_spent_beyond_it_counts()
    {
        var budget = new RateLimit("x", 5, TimeSpan.FromSeconds(10), LimitBy.Ip, StoreDownChoice.Allow, LimitKind.Budget);
        await _limiter.UseAsync(budget, ["a"], 9, always: true, default);
        Assert.Equal(LimitOutcome.Refused, await UseAsync(budget));
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(LimitOutcome.Allowed, await UseAsync(budget));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private async Task<LimitOutcome> UseAsync(RateLimit limit, string who = "a") => (await _limiter.UseAsync(limit, [who], null, always: false, default)).Outcome;
}
