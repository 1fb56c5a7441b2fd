using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Storage;

public sealed class RedisStoreDisconnectTests(RedisServer redis) : IClassFixture<RedisServer>
{
    private const int Stores = 8;
    private const int WorkersEach = 8;
    private const int Kills = 1000;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private static DateTimeOffset Later => TimeProvider.System.GetUtcNow().AddMinutes(5);

    [Fact, Trait("Row", "T144")]
    public async Task Connections_killed_a_thousand_times_under_load_never_pair_a_reply_with_another_command()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, Stores)
            .Select(_ => RedisStore.ConnectAsync(new StoreOptions { Redis = redis.Configuration, Timeout = TimeSpan.FromMilliseconds(500) }, NullLogger.Instance)));
        try
        {
            using var stop = new CancellationTokenSource();
            var tallies = new List<Tally>();
            var workers = new List<Task>();
            for (var i = 0; i < Stores * WorkersEach; i++)
            {
                var tally = new Tally();
                tallies.Add(tally);
                workers.Add(WorkAsync(stores[i % Stores], i, tally, stop.Token));
            }

            var killed = await KillAsync(Kills);
            // Whoever waits for a reply that went with its connection has it within the bound; then all is as before.
            await stop.CancelAsync();
            await Task.WhenAll(workers).WaitAsync(TimeSpan.FromSeconds(10));

            Assert.InRange(killed, Kills, int.MaxValue);
            Assert.Equal(0, tallies.Sum(tally => tally.Wrong));
            Assert.All(tallies, tally => Assert.InRange(tally.Right, 1, int.MaxValue));
            Assert.InRange(tallies.Sum(tally => tally.Unavailable), Kills / 10, int.MaxValue); // the kills did hit commands
            foreach (var store in stores)
                await Wait.UntilAsync(async () => await store.PutAsync(StoreKey.Of("kill", "after"), [1], Later, default) == StoreWrite.Done, TimeSpan.FromSeconds(10), "every store writes again");
        }
        finally
        {
            foreach (var store in stores)
                await store.DisposeAsync();
        }
    }

    /// <summary>Kills connections that carry the load (a subscriber's or an idle one does not count), until as many as wanted have died.</summary>
    private async Task<int> KillAsync(int wanted)
    {
        using var limit = new CancellationTokenSource(Bound);
        using var admin = await RedisConversation.OpenAsync(redis.Port, null, limit.Token);
        var killed = 0;
        var started = Stopwatch.GetTimestamp();
        while (killed < wanted && Stopwatch.GetElapsedTime(started) < Bound)
        {
            var clients = System.Text.Encoding.ASCII.GetString((byte[])(await admin.AskAsync(limit.Token, "CLIENT", "LIST", "TYPE", "NORMAL"))!);
            foreach (var client in clients.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(IsLoaded))
            {
                var id = client.Split(' ')[0]["id=".Length..];
                killed += (int)(long)(await admin.AskAsync(limit.Token, "CLIENT", "KILL", "ID", id))!;
            }
            await Task.Delay(5, limit.Token); // the load gets through between the kills
        }
        return killed;
    }

    private static bool IsLoaded(string client) => client.Contains(" cmd=get ", StringComparison.Ordinal)
        || client.Contains(" cmd=set ", StringComparison.Ordinal)
        || client.Contains(" cmd=evalsha ", StringComparison.Ordinal)
        || client.Contains(" cmd=eval ", StringComparison.Ordinal);

    // Every worker has its own key and its own values: an answer that is another's is seen, whatever the command was.
    private static async Task WorkAsync(RedisStore store, int worker, Tally tally, CancellationToken stop)
    {
        var key = StoreKey.Of("kill", $"{worker}");
        var absent = StoreKey.Of("kill", "absent", $"{worker}");
        for (var turn = 0; !stop.IsCancellationRequested; turn++)
        {
            var value = new byte[64 + (worker * 16)];
            Array.Fill(value, (byte)worker);
            BitConverter.TryWriteBytes(value.AsSpan(1), turn);
            if (!tally.Judge(await store.PutAsync(key, value, Later, default), StoreWrite.Done))
            {
                await Task.Delay(1, CancellationToken.None); // without a connection the answer is immediate: leave the others a turn
                continue;
            }
            tally.Judge(await store.ReadAsync(key, default), value);
            tally.Judge(await store.ReadAsync(absent, default), null);
            tally.Judge(await store.ReplaceAsync(key, [1, 2, 3], value, Later, default), StoreWrite.Refused);
            tally.Judge(await store.ReadAsync(key, default), value);
        }
    }

    private sealed class Tally
    {
        public int Right { get; private set; }
        public int Wrong { get; private set; }
        public int Unavailable { get; private set; }

        public bool Judge(StoreWrite written, StoreWrite expected) => Count(written == StoreWrite.Unavailable, written == expected);

        public void Judge(StoreRead<byte[]> read, byte[]? expected) => Count(
            read.Status == StoreStatus.Unavailable,
            expected is null ? read.Status == StoreStatus.Missing : read.Status == StoreStatus.Found && read.Value.AsSpan().SequenceEqual(expected));

        private bool Count(bool unavailable, bool right)
        {
            if (unavailable)
                Unavailable++;
            else if (right)
                Right++;
            else
                Wrong++;
            return right;
        }
    }
}
