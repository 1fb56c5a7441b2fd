using System.Text;
using OrgGateway.Storage;

namespace OrgGateway.Tokens;

/// <summary>
/// Takes leases, and waits for those of others without asking for them over and over: the holder says when it is done. A lost
/// message, or a holder that died, costs the fallback and no more.
/// </summary>
public sealed class Turns
{
    private static readonly TimeSpan Fallback = HeldLease.Life / 4;
    private readonly IStore _store;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<TaskCompletionSource>> _waiting = new(StringComparer.Ordinal);

    public Turns(IStore store, TimeProvider clock)
    {
        (_store, _clock) = (store, clock);
        store.Subscribe(HeldLease.Channel, Hear);
    }

    /// <returns>The lease; or none with <c>Refused</c>, after whoever held it was done: look whether there is anything left to do.</returns>
    public async Task<(HeldLease? Lease, StoreWrite Answer)> TakeAsync(StoreKey key)
    {
        // Before the lease is asked for: a message that comes right after the refusal is not missed.
        var signal = Enter(key.ToString());
        try
        {
            var taken = await HeldLease.TakeAsync(_store, key, _clock);
            if (taken.Answer == StoreWrite.Refused)
                await WaitAsync(signal, Fallback);
            return taken;
        }
        finally
        {
            Leave(key.ToString(), signal);
        }
    }

    /// <summary>Until somebody is done with this lease, or for so long.</summary>
    public async Task WaitAsync(StoreKey key, TimeSpan atMost)
    {
        var signal = Enter(key.ToString());
        try
        {
            await WaitAsync(signal, atMost);
        }
        finally
        {
            Leave(key.ToString(), signal);
        }
    }

    private async Task WaitAsync(TaskCompletionSource signal, TimeSpan atMost)
    {
        await using var limit = _clock.CreateTimer(static signal => ((TaskCompletionSource)signal!).TrySetResult(), signal, atMost, Timeout.InfiniteTimeSpan);
        await signal.Task;
    }

    private TaskCompletionSource Enter(string key)
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (!_waiting.TryGetValue(key, out var signals))
                _waiting[key] = signals = [];
            signals.Add(signal);
        }
        return signal;
    }

    private void Leave(string key, TaskCompletionSource signal)
    {
        lock (_gate)
            if (_waiting.TryGetValue(key, out var signals) && signals.Remove(signal) && signals.Count == 0)
                _waiting.Remove(key);
    }

    private void Hear(byte[] message)
    {
        lock (_gate)
            foreach (var signal in _waiting.GetValueOrDefault(Encoding.ASCII.GetString(message)) ?? [])
                signal.TrySetResult();
    }
}
