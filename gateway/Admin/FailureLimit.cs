using System.Net;

namespace OrgGateway.Admin;

/// <summary>Thirty wrong tokens a minute of one address, then a minute's silence for it.</summary>
internal sealed class FailureLimit(TimeProvider clock)
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private const int Most = 30;
    private const int MostAddresses = 4_096;
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, (int Failures, DateTimeOffset Since)> _byAddress = [];

    public bool IsLimited(IPAddress? address)
    {
        lock (_lock)
            return _byAddress.TryGetValue(Of(address), out var known) && known.Failures >= Most && clock.GetUtcNow() - known.Since < Window;
    }

    public void Count(IPAddress? address)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            if (_byAddress.Count >= MostAddresses)
                foreach (var old in _byAddress.Where(a => now - a.Value.Since >= Window).Select(a => a.Key).ToList())
                    _byAddress.Remove(old);
            // A flood of addresses shares one counter then: memory stays bounded, and guessing slow.
            var key = _byAddress.Count >= MostAddresses ? IPAddress.Any : Of(address);
            var known = _byAddress.GetValueOrDefault(key, (Failures: 0, Since: now));
            _byAddress[key] = now - known.Since >= Window ? (1, now) : (known.Failures + 1, known.Failures + 1 == Most ? now : known.Since);
        }
    }

    private static IPAddress Of(IPAddress? address) => address is null ? IPAddress.None : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
