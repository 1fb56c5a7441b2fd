namespace OrgGateway.Jose;

/// <summary>
/// Copies of one key, each used by one thread at a time: .NET promises no thread safety of RSA and ECDsa instances, and loading
/// a key costs several signature checks, so neither sharing one nor making one each time will do.
/// </summary>
internal sealed class KeyPool<TKey>(Func<TKey> load)
    where TKey : class, IDisposable
{
    private readonly TKey?[] _idle = new TKey?[Math.Max(2, Environment.ProcessorCount)];
    private volatile bool _closed;

    public TKey Rent()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        var start = Thread.GetCurrentProcessorId();
        for (var i = 0; i < _idle.Length; i++)
        {
            ref var slot = ref _idle[(start + i) % _idle.Length];
            if (slot is not null && Interlocked.Exchange(ref slot, null) is { } key)
                return key;
        }

        return load();
    }

    /// <summary>Only after a call that did not throw: a key in an unknown state is left to the collector.</summary>
    public void Return(TKey key)
    {
        var start = Thread.GetCurrentProcessorId();
        for (var i = 0; i < _idle.Length && !_closed; i++)
        {
            if (Interlocked.CompareExchange(ref _idle[(start + i) % _idle.Length], key, null) is null)
                return;
        }

        key.Dispose();
    }

    /// <summary>
    /// For a key with an owner. An issuer's keys have none: requests may still check tokens with a set that was replaced, so the
    /// collector takes them.
    /// </summary>
    public void Close()
    {
        _closed = true;
        for (var i = 0; i < _idle.Length; i++)
            Interlocked.Exchange(ref _idle[i], null)?.Dispose();
    }
}
