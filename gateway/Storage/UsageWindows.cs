namespace OrgGateway.Storage;

/// <summary>Allowances of this process alone: never more than a limit of them, whoever invents callers.</summary>
public sealed class UsageWindows(TimeProvider clock)
{
    private const int Most = 100_000;
    private readonly BoundedCopies<StoreKey, UsageWindow> _windows = new(Most);

    public WindowAnswer Use(StoreKey key, in WindowUse use)
    {
        var window = _windows.GetOrPut(key, static _ => new());
        lock (window)
            return window.Use(use, clock.GetUtcNow().ToUnixTimeMilliseconds());
    }
}
