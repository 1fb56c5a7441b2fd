using System.Diagnostics.CodeAnalysis;

namespace OrgGateway.Demo.IdentityProvider;

/// <summary>A map that forgets its oldest entry when it is full, so that nobody fills the memory by asking.</summary>
internal sealed class BoundedMap<TValue>(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<KeyValuePair<string, TValue>>> _nodes = new(StringComparer.Ordinal);
    private readonly LinkedList<KeyValuePair<string, TValue>> _byAge = new();

    public void Set(string key, TValue value)
    {
        lock (_gate)
        {
            if (_nodes.Remove(key, out var known))
                _byAge.Remove(known);
            else if (_nodes.Count == capacity && _byAge.First is { } oldest)
            {
                _byAge.RemoveFirst();
                _nodes.Remove(oldest.Value.Key);
            }

            _nodes[key] = _byAge.AddLast(KeyValuePair.Create(key, value));
        }
    }

    public bool TryGet(string key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (_gate)
        {
            var found = _nodes.TryGetValue(key, out var node);
            value = found ? node!.Value.Value : default;
            return found;
        }
    }

    public bool Remove(string key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (_gate)
        {
            var found = _nodes.Remove(key, out var node);
            if (found)
                _byAge.Remove(node!);
            value = found ? node!.Value.Value : default;
            return found;
        }
    }

    public IReadOnlyList<TValue> Values()
    {
        lock (_gate)
            return [.. _byAge.Select(entry => entry.Value)];
    }
}
