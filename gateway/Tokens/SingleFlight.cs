using System.Collections.Concurrent;

namespace OrgGateway.Tokens;

/// <summary>One run at a time per key, whose outcome all callers share. The run belongs to none of them: whoever goes away leaves it going.</summary>
public sealed class SingleFlight<TKey, TResult>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Lazy<Task<TResult>>> _running = new();

    public Task<TResult> RunAsync(TKey key, Func<Task<TResult>> work) =>
        (_running.TryGetValue(key, out var flight) ? flight : _running.GetOrAdd(key, new Lazy<Task<TResult>>(() => BeginAsync(key, work)))).Value;

    private Task<TResult> BeginAsync(TKey key, Func<Task<TResult>> work)
    {
        // The trace and log scope of whoever came first are not those of a run for all.
        using (ExecutionContext.SuppressFlow())
            return RunAndForgetAsync(key, work);
    }

    private async Task<TResult> RunAndForgetAsync(TKey key, Func<Task<TResult>> work)
    {
        await Task.Yield();
        try
        {
            return await work();
        }
        finally
        {
            _running.TryRemove(key, out _);
        }
    }
}
