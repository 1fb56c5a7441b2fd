using System.Security.Cryptography;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Storage;

/// <summary>What every store promises; the tests of each store inherit it.</summary>
public abstract class StoreContract : IAsyncLifetime
{
    private static readonly byte[] Value = "value"u8.ToArray();
    private static readonly byte[] Other = "other"u8.ToArray();
    private readonly StoreKey _key = StoreKey.Of("contract", Convert.ToHexString(RandomNumberGenerator.GetBytes(8)));

    protected IStore Store { get; private set; } = null!;

    protected abstract DateTimeOffset Now { get; }

    private DateTimeOffset Later => Now.AddMinutes(5);

    public async Task InitializeAsync() => Store = await OpenAsync();

    public async Task DisposeAsync() => await Store.DisposeAsync();

    [Fact]
    public async Task What_was_put_is_read_until_it_is_removed()
    {
        Assert.Equal(StoreStatus.Missing, (await Store.ReadAsync(_key, default)).Status);
        Assert.Equal(StoreWrite.Done, await Store.PutAsync(_key, Value, Later, default));
        await AssertHoldsAsync(Value);
        Assert.Equal(StoreWrite.Done, await Store.PutAsync(_key, Other, Later, default));
        await AssertHoldsAsync(Other);

        Assert.Equal(StoreWrite.Done, await Store.RemoveAsync(_key, default));
        Assert.Equal(StoreStatus.Missing, (await Store.ReadAsync(_key, default)).Status);
        Assert.Equal(StoreWrite.Refused, await Store.RemoveAsync(_key, default));
        Assert.True(Store.IsAvailable);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8 * 1024)]
    [InlineData(64 * 1024)]
    public async Task Every_byte_of_a_value_comes_back(int length)
    {
        var value = RandomNumberGenerator.GetBytes(length);
        await Store.PutAsync(_key, value, Later, default);
        await AssertHoldsAsync(value);
        Assert.Equal(StoreWrite.Done, await Store.ReplaceAsync(_key, value, Value, Later, default));
    }

    [Fact]
    public async Task A_value_ends_at_its_time_and_its_place_is_free_again()
    {
        await Store.PutAsync(_key, Value, Now.AddMilliseconds(300), default);
        await AssertHoldsAsync(Value);
        await PassAsync(TimeSpan.FromMilliseconds(400));
        Assert.Equal(StoreStatus.Missing, (await Store.ReadAsync(_key, default)).Status);
        Assert.Equal(StoreWrite.Refused, await Store.RemoveAsync(_key, default));
        Assert.Equal(StoreWrite.Refused, await Store.ReplaceAsync(_key, Value, Other, Later, default));
        Assert.Equal(StoreWrite.Refused, await Store.ExtendAsync(_key, Later, default));
        Assert.Equal(StoreStatus.Missing, (await Store.TakeAsync(_key, default)).Status);
        Assert.Equal(StoreWrite.Done, await Store.CreateAsync(_key, Other, Later, default));
        await AssertHoldsAsync(Other);
    }

    [Fact]
    public async Task An_allowance_is_used_up_and_comes_back()
    {
        var use = new WindowUse(Limit: 5, Window: TimeSpan.FromSeconds(2), Cost: 2, Sliding: true);
        var (first, second, third) = (await Store.UseWindowAsync(_key, use, default), await Store.UseWindowAsync(_key, use, default), await Store.UseWindowAsync(_key, use, default));
        Assert.Equal((true, true, 3), (first.Answered, first.Allowed, first.Remaining));
        Assert.Equal((true, 1, TimeSpan.Zero), (second.Allowed, second.Remaining, second.RetryAfter));
        Assert.Equal((true, false, 1), (third.Answered, third.Allowed, third.Remaining));
        Assert.InRange(third.RetryAfter, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(4));
        Assert.InRange(third.Resets, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(2));
        // What was refused was not counted; another's allowance is another.
        Assert.True((await Store.UseWindowAsync(_key, use with { Cost = 1 }, default)).Allowed);
        Assert.True((await Store.UseWindowAsync(StoreKey.Of("contract", "another", _key.Name), use, default)).Allowed);
        await PassAsync(TimeSpan.FromMilliseconds(4100));
        Assert.Equal(3, (await Store.UseWindowAsync(_key, use, default)).Remaining);
    }

    [Fact]
    public async Task What_was_used_already_counts_beyond_the_limit_until_the_period_ends()
    {
        var use = new WindowUse(Limit: 5, Window: TimeSpan.FromSeconds(1), Cost: 7, Sliding: false, Always: true);
        Assert.Equal(0, (await Store.UseWindowAsync(_key, use, default)).Remaining);
        Assert.False((await Store.UseWindowAsync(_key, use with { Cost = 1, Always = false }, default)).Allowed);
        await PassAsync(TimeSpan.FromMilliseconds(1100));
        Assert.True((await Store.UseWindowAsync(_key, use with { Cost = 5, Always = false }, default)).Allowed);
    }

    [Fact]
    public async Task Many_users_of_one_allowance_get_exactly_what_there_is()
    {
        var use = new WindowUse(Limit: 20, Window: TimeSpan.FromMinutes(1), Cost: 1, Sliding: true);
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(async _ => await Store.UseWindowAsync(_key, use, default)));
        Assert.Equal(20, answers.Count(a => a.Allowed));
    }

    [Fact]
    public async Task A_value_written_with_a_past_end_is_not_there()
    {
        await Store.PutAsync(_key, Value, Now.AddMinutes(-1), default);
        Assert.Equal(StoreStatus.Missing, (await Store.ReadAsync(_key, default)).Status);
    }

    [Fact]
    public async Task Extending_moves_the_end_of_what_is_there_and_makes_nothing()
    {
        await Store.PutAsync(_key, Value, Now.AddMilliseconds(300), default);
        Assert.Equal(StoreWrite.Done, await Store.ExtendAsync(_key, Later, default));
        await PassAsync(TimeSpan.FromMilliseconds(400));
        await AssertHoldsAsync(Value);

        await Store.RemoveAsync(_key, default);
        Assert.Equal(StoreWrite.Refused, await Store.ExtendAsync(_key, Later, default));
        Assert.Equal(StoreStatus.Missing, (await Store.ReadAsync(_key, default)).Status);
    }

    [Fact]
    public async Task Creating_writes_only_where_nothing_is()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(async i => await Store.CreateAsync(_key, [(byte)i], Later, default)));
        Assert.Single(outcomes, StoreWrite.Done);
        Assert.Equal(39, outcomes.Count(outcome => outcome == StoreWrite.Refused));
        await AssertHoldsAsync([(byte)Array.IndexOf(outcomes, StoreWrite.Done)]);
    }

    [Fact]
    public async Task Of_many_takers_one_gets_the_value()
    {
        await Store.PutAsync(_key, Value, Later, default);
        var taken = await Task.WhenAll(Enumerable.Range(0, 40).Select(async _ => await Store.TakeAsync(_key, default)));
        Assert.Equal(Value, Assert.Single(taken, read => read.Status == StoreStatus.Found).Value);
        Assert.Equal(39, taken.Count(read => read.Status == StoreStatus.Missing));
    }

    [Fact]
    public async Task Of_many_that_replace_one_version_one_does()
    {
        await Store.PutAsync(_key, Value, Later, default);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(async i => await Store.ReplaceAsync(_key, Value, [(byte)i], Later, default)));
        Assert.Single(outcomes, StoreWrite.Done);
        await AssertHoldsAsync([(byte)Array.IndexOf(outcomes, StoreWrite.Done)]);
    }

    [Fact]
    public async Task Replacing_what_was_removed_or_changed_is_refused_and_leaves_it_so()
    {
        await Store.PutAsync(_key, Value, Later, default);
        Assert.Equal(StoreWrite.Refused, await Store.ReplaceAsync(_key, [.. Value, 0], Other, Later, default));
        Assert.Equal(StoreWrite.Refused, await Store.ReplaceAsync(_key, Value[..^1], Other, Later, default));
        Assert.Equal(StoreWrite.Refused, await Store.ReplaceAsync(_key, [], Other, Later, default));
        await AssertHoldsAsync(Value);

        await Store.RemoveAsync(_key, default);
        Assert.Equal(StoreWrite.Refused, await Store.ReplaceAsync(_key, Value, Other, Later, default));
        Assert.Equal(StoreWrite.Refused, await Store.ReplaceAsync(_key, [], Other, Later, default));
        Assert.Equal(StoreStatus.Missing, (await Store.ReadAsync(_key, default)).Status);
    }

    [Fact]
    public async Task A_lease_has_one_owner_who_may_renew_it_and_gives_it_back()
    {
        var life = TimeSpan.FromMinutes(1);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(async i => await Store.LeaseAsync(_key, $"owner {i}", life, default)));
        var owner = $"owner {Array.IndexOf(outcomes, StoreWrite.Done)}";
        Assert.Single(outcomes, StoreWrite.Done);
        Assert.Equal(StoreWrite.Done, await Store.LeaseAsync(_key, owner, life, default));
        Assert.Equal(StoreWrite.Refused, await Store.ReleaseAsync(_key, "another", default));
        Assert.Equal(StoreWrite.Refused, await Store.LeaseAsync(_key, "another", life, default));
        Assert.Equal(StoreWrite.Done, await Store.ReleaseAsync(_key, owner, default));
        Assert.Equal(StoreWrite.Refused, await Store.ReleaseAsync(_key, owner, default));
        Assert.Equal(StoreWrite.Done, await Store.LeaseAsync(_key, "another", life, default));
    }

    [Fact]
    public async Task A_lease_that_ran_out_is_anothers_for_the_asking_and_a_renewed_one_is_not()
    {
        await Store.LeaseAsync(_key, "first", TimeSpan.FromMilliseconds(300), default);
        Assert.Equal(StoreWrite.Done, await Store.LeaseAsync(_key, "first", TimeSpan.FromSeconds(2), default));
        await PassAsync(TimeSpan.FromMilliseconds(400));
        Assert.Equal(StoreWrite.Refused, await Store.LeaseAsync(_key, "second", TimeSpan.FromMinutes(1), default));
        await PassAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(StoreWrite.Done, await Store.LeaseAsync(_key, "second", TimeSpan.FromMinutes(1), default));
        Assert.Equal(StoreWrite.Refused, await Store.ReleaseAsync(_key, "first", default));
    }

    [Fact]
    public async Task An_index_holds_each_member_until_its_own_end()
    {
        Assert.Equal(StoreStatus.Missing, (await Store.ReadIndexAsync(_key, 10, default)).Status);
        await Store.AddToIndexAsync(_key, "long", Later, default);
        await Store.AddToIndexAsync(_key, "short", Now.AddMilliseconds(300), default);
        await Store.AddToIndexAsync(_key, "removed", Later, default);
        await Store.AddToIndexAsync(_key, "past", Now.AddSeconds(-1), default);
        Assert.Equal(StoreWrite.Done, await Store.RemoveFromIndexAsync(_key, "removed", default));
        Assert.Equal(StoreWrite.Refused, await Store.RemoveFromIndexAsync(_key, "removed", default));
        Assert.Equal(["long", "short"], (await Store.ReadIndexAsync(_key, 10, default)).Value!);
        Assert.Equal(["long"], (await Store.ReadIndexAsync(_key, 1, default)).Value!);

        await PassAsync(TimeSpan.FromMilliseconds(400));
        Assert.Equal(["long"], (await Store.ReadIndexAsync(_key, 10, default)).Value!);
        Assert.Equal(StoreWrite.Done, await Store.RemoveFromIndexAsync(_key, "long", default));
        Assert.Equal(StoreStatus.Missing, (await Store.ReadIndexAsync(_key, 10, default)).Status);
    }

    [Fact]
    public async Task A_value_too_large_for_a_shared_connection_is_an_answer_and_is_not_written()
    {
        var (largest, larger) = (new byte[StoreOptions.LargestValue], new byte[StoreOptions.LargestValue + 1]);
        Assert.Equal(StoreWrite.TooLarge, await Store.CreateAsync(_key, larger, Later, default));
        Assert.Equal(StoreWrite.TooLarge, await Store.PutAsync(_key, larger, Later, default));
        Assert.Equal(StoreStatus.Missing, (await Store.ReadAsync(_key, default)).Status);
        Assert.Equal(StoreWrite.Done, await Store.PutAsync(_key, largest, Later, default));
        Assert.Equal(StoreWrite.TooLarge, await Store.ReplaceAsync(_key, largest, larger, Later, default));
        await AssertHoldsAsync(largest);
    }

    [Fact]
    public async Task An_index_is_read_in_pages_and_counted()
    {
        Assert.Equal(0, await Store.CountIndexAsync(_key, default));
        Assert.Equal(StoreStatus.Missing, (await Store.ReadIndexPageAsync(_key, 0, 10, default)).Status);
        var end = Later;
        foreach (var i in Enumerable.Range(0, 7))
            await Store.AddToIndexAsync(_key, "member" + i, end.AddSeconds(i), default);
        await Store.AddToIndexAsync(_key, "past", Now.AddSeconds(-1), default);

        Assert.Equal(7, await Store.CountIndexAsync(_key, default));
        var pages = new List<IndexMember>();
        foreach (var skip in new[] { 0, 3, 6 })
            pages.AddRange((await Store.ReadIndexPageAsync(_key, skip, 3, default)).Value!);
        Assert.Equal(["member6", "member5", "member4", "member3", "member2", "member1", "member0"], pages.Select(m => m.Name));
        Assert.Equal(end.AddSeconds(6), pages[0].Expires, TimeSpan.FromSeconds(1)); // by the store's clock
        Assert.Equal(StoreStatus.Missing, (await Store.ReadIndexPageAsync(_key, 7, 3, default)).Status);
    }

    [Fact]
    public async Task A_member_added_again_ends_at_its_new_time()
    {
        await Store.AddToIndexAsync(_key, "one", Now.AddMilliseconds(300), default);
        await Store.AddToIndexAsync(_key, "one", Later, default);
        await PassAsync(TimeSpan.FromMilliseconds(400));
        Assert.Equal(["one"], (await Store.ReadIndexAsync(_key, 10, default)).Value!);
    }

    [Fact]
    public async Task A_message_reaches_every_handler_of_its_channel_and_no_other()
    {
        var channel = "channel-" + _key.Name;
        int first = 0, second = 0, other = 0;
        byte[]? heard = null;
        Store.Subscribe(channel, message => { heard = message; Interlocked.Increment(ref first); });
        Store.Subscribe(channel, _ => Interlocked.Increment(ref second));
        Store.Subscribe(channel + "-other", _ => Interlocked.Increment(ref other));

        await Wait.UntilAsync(
            async () =>
            {
                Assert.Equal(StoreWrite.Done, await Store.PublishAsync(channel, [0, 255, 10, 13], default));
                return first > 0 && second > 0;
            },
            TimeSpan.FromSeconds(10),
            "both handlers hear");
        Assert.Equal([0, 255, 10, 13], heard);
        Assert.Equal(0, other);
    }

    protected abstract Task<IStore> OpenAsync();

    protected abstract Task PassAsync(TimeSpan time);

    private async Task AssertHoldsAsync(byte[] value)
    {
        var read = await Store.ReadAsync(_key, default);
        Assert.Equal(StoreStatus.Found, read.Status);
        Assert.Equal(value, read.Value);
    }
}
