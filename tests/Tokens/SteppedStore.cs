using OrgGateway.Storage;

namespace OrgGateway.Tests.Tokens;

/// <summary>One process's way to a store that all share: a command and its answer are two steps, and either can be lost.</summary>
internal sealed class SteppedStore(IStore shared, Interleaving schedule, SimulatedProcess process, MessageHub hub) : IStore
{
    /// <summary>Of a hundred commands, how many fail, half of them after they took effect.</summary>
    public int FailuresPerHundred { get; init; }

    public bool IsAvailable => true;

    public long ListeningSince => 0;

    public ValueTask<StoreRead<byte[]>> ReadAsync(StoreKey key, CancellationToken cancellationToken) => Command(() => shared.ReadAsync(key, default), StoreRead<byte[]>.Unavailable);

    public ValueTask<StoreRead<byte[]>> TakeAsync(StoreKey key, CancellationToken cancellationToken) => Command(() => shared.TakeAsync(key, default), StoreRead<byte[]>.Unavailable);

    public ValueTask<StoreWrite> CreateAsync(StoreKey key, byte[] value, DateTimeOffset expires, CancellationToken cancellationToken) => Command(() => shared.CreateAsync(key, value, expires, default), StoreWrite.Unavailable);

    public ValueTask<StoreWrite> PutAsync(StoreKey key, byte[] value, DateTimeOffset expires, CancellationToken cancellationToken) => Command(() => shared.PutAsync(key, value, expires, default), StoreWrite.Unavailable);

    public ValueTask<StoreWrite> ReplaceAsync(StoreKey key, byte[] expected, byte[] value, DateTimeOffset expires, CancellationToken cancellationToken) =>
        Command(() => shared.ReplaceAsync(key, expected, value, expires, default), StoreWrite.Unavailable);

    public ValueTask<StoreWrite> ExtendAsync(StoreKey key, DateTimeOffset expires, CancellationToken cancellationToken) => Command(() => shared.ExtendAsync(key, expires, default), StoreWrite.Unavailable);

    public ValueTask<StoreWrite> RemoveAsync(StoreKey key, CancellationToken cancellationToken) => Command(() => shared.RemoveAsync(key, default), StoreWrite.Unavailable);

    public ValueTask<StoreWrite> LeaseAsync(StoreKey key, string owner, TimeSpan life, CancellationToken cancellationToken) => Command(() => shared.LeaseAsync(key, owner, life, default), StoreWrite.Unavailable);

    public ValueTask<StoreWrite> ReleaseAsync(StoreKey key, string owner, CancellationToken cancellationToken) => Command(() => shared.ReleaseAsync(key, owner, default), StoreWrite.Unavailable);

    public ValueTask<WindowAnswer> UseWindowAsync(StoreKey key, WindowUse use, CancellationToken cancellationToken) => shared.UseWindowAsync(key, use, cancellationToken);

    public ValueTask<StoreWrite> AddToIndexAsync(StoreKey index, string member, DateTimeOffset expires, CancellationToken cancellationToken) => Command(() => shared.AddToIndexAsync(index, member, expires, default), StoreWrite.Unavailable);

    public ValueTask<StoreWrite> RemoveFromIndexAsync(StoreKey index, string member, CancellationToken cancellationToken) => Command(() => shared.RemoveFromIndexAsync(index, member, default), StoreWrite.Unavailable);

    public ValueTask<StoreRead<string[]>> ReadIndexAsync(StoreKey index, int limit, CancellationToken cancellationToken) => Command(() => shared.ReadIndexAsync(index, limit, default), StoreRead<string[]>.Unavailable);

    public ValueTask<StoreRead<IndexMember[]>> ReadIndexPageAsync(StoreKey index, int skip, int limit, CancellationToken cancellationToken) =>
        Command(() => shared.ReadIndexPageAsync(index, skip, limit, default), StoreRead<IndexMember[]>.Unavailable);

    public ValueTask<long?> CountIndexAsync(StoreKey index, CancellationToken cancellationToken) => Command(() => shared.CountIndexAsync(index, default), (long?)null);

    public ValueTask<StoreWrite> PublishAsync(string channel, byte[] message, CancellationToken cancellationToken) => Command(
        () =>
        {
            hub.Send(schedule, channel, message);
            return new(StoreWrite.Done);
        },
        StoreWrite.Unavailable);

    public void Subscribe(string channel, Action<byte[]> handler) => hub.Add(process, channel, handler);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async ValueTask<T> Command<T>(Func<ValueTask<T>> command, T unavailable)
    {
        var fate = schedule.Numbers.Next(100);
        await schedule.StepAsync(process);
        if (fate < FailuresPerHundred / 2)
            return unavailable;
        var answer = await command();
        await schedule.StepAsync(process);
        return fate < FailuresPerHundred ? unavailable : answer;
    }
}

/// <summary>Publish and subscribe between simulated processes; some messages get lost.</summary>
internal sealed class MessageHub(int lostPerHundred)
{
    private readonly List<(SimulatedProcess Process, string Channel, Action<byte[]> Handler)> _subscribers = [];

    public void Add(SimulatedProcess process, string channel, Action<byte[]> handler) => _subscribers.Add((process, channel, handler));

    public void Send(Interleaving schedule, string channel, byte[] message)
    {
        foreach (var subscriber in _subscribers.Where(s => s.Channel == channel))
            if (schedule.Numbers.Next(100) >= lostPerHundred)
                schedule.Later(subscriber.Process, () => subscriber.Handler(message));
    }
}
