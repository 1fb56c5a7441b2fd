using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Storage;

public sealed class RedisStoreOutageTests(RedisServer redis) : IClassFixture<RedisServer>
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);
    private static readonly StoreKey Key = StoreKey.Of("outage", "one");

    private static DateTimeOffset Later => TimeProvider.System.GetUtcNow().AddMinutes(5);

    [Fact, Trait("Row", "T143")]
    public async Task A_frozen_Redis_is_unavailable_within_the_bound_for_every_operation_and_answers_once_thawed()
    {
        await using var store = await OpenAsync();
        await store.PutAsync(Key, [1], Later, default);
        redis.Freeze();
        try
        {
            for (var round = 0; round < 3; round++)
            {
                var started = Stopwatch.GetTimestamp();
                // Many at once, and more than one round: nothing queues up behind what got no answer.
                var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).SelectMany(_ => Everything(store)));
                Assert.All(outcomes, Assert.True);
                // Twice the timeout is the store's own bound; the rest is for a busy machine.
                Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, (2 * Timeout) + TimeSpan.FromSeconds(2));
                Assert.False(store.IsAvailable);
            }
        }
        finally
        {
            redis.Thaw();
        }
        await Wait.UntilAsync(() => store.IsAvailable, Bound, "the store is available again, though nobody asked it anything");
        await Wait.UntilAsync(async () => (await store.ReadAsync(Key, default)).Value is [1], Bound, "the value is there");
    }

    [Fact]
    public async Task A_killed_Redis_is_unavailable_at_once_and_the_store_finds_it_when_it_is_back()
    {
        var log = new RecordedLog();
        await using var store = await OpenAsync(log);
        await store.PutAsync(Key, [1], Later, default);
        await redis.KillAsync();
        await Wait.UntilAsync(async () => (await store.ReadAsync(Key, default)).Status == StoreStatus.Unavailable, Bound, "the outage is noticed");
        Assert.All(await Task.WhenAll(Everything(store)), Assert.True);
        Assert.False(store.IsAvailable);

        await redis.StartAgainAsync();
        await Wait.UntilAsync(() => store.IsAvailable, Bound, "the store is available again, though nobody asked it anything");
        await Wait.UntilAsync(async () => (await store.ReadAsync(Key, default)).Status == StoreStatus.Missing, Bound, "it came back empty");
        await Wait.UntilAsync(async () => await store.PutAsync(Key, [2], Later, default) == StoreWrite.Done, Bound, "the store writes");
        // Once an outage, not once a request: a dozen failed above. (A busy machine may make a second one.)
        Assert.InRange(log.Messages.Count(message => message.Contains("StoreUnavailable", StringComparison.Ordinal)), 1, 3);
        Assert.InRange(log.Messages.Count(message => message.Contains("StoreAnswersAgain", StringComparison.Ordinal)), 1, 3);
    }

    [Fact]
    public async Task A_store_made_while_Redis_is_down_works_once_it_is_up_subscriptions_included()
    {
        await redis.KillAsync();
        await using var store = await OpenAsync();
        var heard = 0;
        store.Subscribe("outage", _ => Interlocked.Increment(ref heard));
        Assert.False(store.IsAvailable);
        Assert.All(await Task.WhenAll(Everything(store)), Assert.True);

        await redis.StartAgainAsync();
        await Wait.UntilAsync(async () => await store.PutAsync(Key, [3], Later, default) == StoreWrite.Done, Bound, "the store writes");
        await Wait.UntilAsync(async () => (await store.ReadAsync(Key, default)).Value is [3] && store.IsAvailable, Bound, "the store reads");
        await HearsAsync(store, () => heard);
    }

    [Fact]
    public async Task A_subscription_hears_again_after_a_restart()
    {
        await using var store = await OpenAsync();
        var heard = 0;
        store.Subscribe("outage", _ => Interlocked.Increment(ref heard));
        await HearsAsync(store, () => heard);
        await redis.KillAsync();
        await redis.StartAgainAsync();
        await HearsAsync(store, () => heard);
    }

    [Fact]
    public async Task A_caller_who_goes_away_during_an_outage_meets_no_exception_but_its_own_cancellation()
    {
        await using var store = await OpenAsync();
        redis.Freeze();
        try
        {
            using var gone = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.ReadAsync(Key, gone.Token));
        }
        finally
        {
            redis.Thaw();
        }
    }

    [Fact]
    public async Task A_store_that_is_closed_during_an_outage_ends_its_probes()
    {
        var log = new RecordedLog();
        var store = await OpenAsync(log);
        await redis.KillAsync();
        await Wait.UntilAsync(async () => (await store.ReadAsync(Key, default)).Status == StoreStatus.Unavailable, Bound, "the outage is noticed");
        await store.DisposeAsync();
        await redis.StartAgainAsync();
        Assert.DoesNotContain(log.Messages, message => message.Contains("StoreAnswersAgain", StringComparison.Ordinal));
    }

    private static async Task HearsAsync(RedisStore store, Func<int> heard)
    {
        var before = heard();
        await Wait.UntilAsync(
            async () =>
            {
                await store.PublishAsync("outage", [1], default);
                return heard() > before;
            },
            Bound,
            "the handler hears");
    }

    /// <returns>For each operation, whether it answered that the store is unavailable.</returns>
    private static IEnumerable<Task<bool>> Everything(RedisStore store)
    {
        yield return Is(store.ReadAsync(Key, default));
        yield return Is(store.TakeAsync(Key, default));
        yield return IsWrite(store.CreateAsync(Key, [1], Later, default));
        yield return IsWrite(store.PutAsync(Key, [1], Later, default));
        yield return IsWrite(store.ReplaceAsync(Key, [1], [1], Later, default));
        yield return IsWrite(store.ExtendAsync(Key, Later, default));
        yield return IsWrite(store.RemoveAsync(StoreKey.Of("outage", "two"), default));
        yield return IsWrite(store.LeaseAsync(Key, "owner", TimeSpan.FromMinutes(1), default));
        yield return IsWrite(store.ReleaseAsync(Key, "owner", default));
        yield return IsWrite(store.PublishAsync("outage", [1], default));

        static async Task<bool> Is(ValueTask<StoreRead<byte[]>> read) => (await read).Status == StoreStatus.Unavailable;
        static async Task<bool> IsWrite(ValueTask<StoreWrite> write) => await write == StoreWrite.Unavailable;
    }

    private async Task<RedisStore> OpenAsync(RecordedLog? log = null)
    {
        var options = new StoreOptions { Redis = redis.Configuration, Timeout = Timeout };
        return log is null ? await RedisStore.ConnectAsync(options, NullLogger.Instance) : await RedisStore.ConnectAsync(options, log);
    }
}
