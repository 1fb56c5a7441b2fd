namespace OrgGateway.Oidc;

/// <summary>
/// Something fetched from a provider: kept, renewed behind the requests that use it, and never fetched twice at a time. A fetch
/// belongs to nobody: the caller that began it may go away.
/// </summary>
internal sealed class CachedDocument<T>(Func<Task<T?>> fetch, TimeProvider time)
    where T : class
{
    /// <summary>After which a copy is renewed; it stays in use meanwhile.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromHours(1);

    /// <summary>Between two attempts to renew a copy.</summary>
    public static readonly TimeSpan RenewalRetry = TimeSpan.FromSeconds(30);

    /// <summary>Between two attempts while there is no copy at all: as long as nobody can sign in.</summary>
    public static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private T? _value;
    private DateTimeOffset _due = DateTimeOffset.MinValue;
    private Task<T?>? _flight;

    public T? Value
    {
        get
        {
            lock (_lock)
                return _value;
        }
    }

    /// <returns>The copy, at once if there is one; null when the first fetch failed, and at once until its retry is due.</returns>
    public Task<T?> GetAsync(CancellationToken cancellationToken)
    {
        Task<T?> flight;
        lock (_lock)
        {
            var due = time.GetUtcNow() >= _due;
            if (_value is { } value)
            {
                if (due)
                    BeginAsync();
                return Task.FromResult<T?>(value);
            }

            if (!due && _flight is null)
                return Task.FromResult<T?>(null);
            flight = BeginAsync();
        }

        return flight.WaitAsync(cancellationToken);
    }

    /// <returns>What one more fetch brings, or the one under way; null when it fails, whatever is kept.</returns>
    public Task<T?> FetchAsync()
    {
        lock (_lock)
            return BeginAsync();
    }

    private Task<T?> BeginAsync()
    {
        if (_flight is { } flight)
            return flight;

        // The trace and log scope of whoever came first are not those of a fetch for all.
        using (ExecutionContext.SuppressFlow())
            return _flight = Task.Run(FlyAsync);
    }

    private async Task<T?> FlyAsync()
    {
        T? fetched = null;
        try
        {
            return fetched = await fetch();
        }
        finally
        {
            lock (_lock)
            {
                var now = time.GetUtcNow();
                _due = now + (fetched is not null ? FreshFor : _value is not null ? RenewalRetry : FirstRetry);
                _value = fetched ?? _value;
                _flight = null;
            }
        }
    }
}
