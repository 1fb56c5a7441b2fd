using System.Collections.Concurrent;

namespace OrgGateway.Inlets;

/// <summary>
/// Bounds what strangers can cost with messages that prove nothing. Each message takes a place of its address's, and one that holds
/// gives it back: a provider may sign out thousands, while who sends refused ones is refused before anything is read or verified.
/// </summary>
public sealed class InletGuard(TimeProvider clock)
{
    private const int Places = 100;
    private const int PerSecond = 20;
    private const int MostAddresses = 10_000;
    private readonly ConcurrentDictionary<string, Allowance> _byAddress = new(StringComparer.Ordinal);

    /// <summary>Answers 429 where the caller has used up its places.</summary>
    /// <returns>Whether the request may go on.</returns>
    public bool Admits(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (_byAddress.Count > MostAddresses)
            Sweep();
        if (_byAddress.GetOrAdd(AddressOf(context), static _ => new()).TryTake(clock))
            return true;
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = "1";
        return false;
    }

    /// <summary>For a message that holds, or whose fault is the gateway's own.</summary>
    public void GiveBack(HttpContext context)
    {
        if (_byAddress.TryGetValue(AddressOf(context), out var allowance))
            allowance.GiveBack();
    }

    // Who waits long enough has all places again and need not be remembered.
    private void Sweep()
    {
        foreach (var (address, allowance) in _byAddress)
            if (allowance.IsWhole(clock))
                _byAddress.TryRemove(new(address, allowance));
        if (_byAddress.Count > MostAddresses)
            _byAddress.Clear();
    }

    private static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";

    private sealed class Allowance
    {
        private readonly Lock _gate = new();
        private double _left = Places;
        private long _at;

        public bool TryTake(TimeProvider clock)
        {
            lock (_gate)
            {
                Refill(clock);
                if (_left < 1)
                    return false;
                _left--;
                return true;
            }
        }

        public void GiveBack()
        {
            lock (_gate)
                _left = Math.Min(_left + 1, Places);
        }

        public bool IsWhole(TimeProvider clock)
        {
            lock (_gate)
            {
                Refill(clock);
                return _left >= Places;
            }
        }

        private void Refill(TimeProvider clock)
        {
            var now = clock.GetTimestamp();
            if (_at != 0)
                _left = Math.Min(_left + (clock.GetElapsedTime(_at, now).TotalSeconds * PerSecond), Places);
            _at = now;
        }
    }
}
