using OrgGateway.Jose;

namespace OrgGateway.Oidc;

/// <summary>
/// The signing keys of one provider. Tokens with unknown key ids cost the provider one fetch per cooldown, however many arrive
/// (T104), and a key id that a fetch did not bring is not asked for again for a while.
/// </summary>
internal sealed class ProviderKeys(Func<Task<JsonWebKeySet?>> fetch, TimeSpan cooldown, TimeProvider time)
{
    private const int MaxUnknown = 1000;

    private readonly CachedDocument<JsonWebKeySet> _keys = new(fetch, time);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _unknown = new(StringComparer.Ordinal);
    private Task<JsonWebKeySet?>? _refetch;
    private DateTimeOffset _coolUntil = DateTimeOffset.MinValue;

    public Task<JsonWebKeySet?> GetAsync(CancellationToken cancellationToken) => _keys.GetAsync(cancellationToken);

    public async ValueTask<JsonWebKeySet?> RefetchAsync(string? unknownKid, CancellationToken cancellationToken)
    {
        Task<JsonWebKeySet?> refetch;
        bool asks;
        lock (_lock)
        {
            var known = _keys.Value;

            // Somebody else's refetch has just brought it.
            if (unknownKid is not null && known?.Contains(unknownKid) is true)
                return known;

            var now = time.GetUtcNow();
            if (unknownKid is not null && _unknown.TryGetValue(unknownKid, out var until) && now < until)
                return known;

            // Only refetches cool down, not the first fetch: keys are often rotated minutes after a provider's start.
            if (_refetch is null || (_refetch.IsCompleted && now >= _coolUntil))
            {
                _coolUntil = now + cooldown;
                _refetch = _keys.FetchAsync();
            }

            refetch = _refetch;
            // Within the cooldown the last refetch answers: null if it failed, for then nobody knows what the key id is. It
            // cannot speak for a key id that came after it.
            asks = !refetch.IsCompleted;
        }

        var keys = await refetch.WaitAsync(cancellationToken);
        if (asks && keys is not null && unknownKid is not null && !keys.Contains(unknownKid))
            Remember(unknownKid);
        return keys is null ? null : _keys.Value;
    }

    private void Remember(string kid)
    {
        lock (_lock)
        {
            // Full of an attacker's inventions: forgetting them costs a fetch at most.
            if (_unknown.Count >= MaxUnknown)
                _unknown.Clear();
            _unknown[kid] = time.GetUtcNow() + 2 * cooldown;
        }
    }
}
