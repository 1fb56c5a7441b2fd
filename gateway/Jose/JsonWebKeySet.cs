using System.Text.Json;

namespace OrgGateway.Jose;

/// <summary>The keys of one issuer (RFC 7517 §5). Keys of two issuers never share a set.</summary>
public sealed class JsonWebKeySet(IEnumerable<JsonWebKey> keys)
{
    /// <summary>Members of a fetched set that are looked at: loading a key costs more than checking a signature with it.</summary>
    private const int MaxFetchedKeys = 100;

    private readonly JsonWebKey[] _keys = [.. keys];

    public static JsonWebKeySet Empty { get; } = new([]);

    public IReadOnlyList<JsonWebKey> Keys => _keys;

    /// <summary>Keys of unknown type, weak or broken ones are left out: they must not take down the sound ones beside them.</summary>
    /// <returns>The set, or null when the text is no JWK set. The caller bounds its length.</returns>
    public static JsonWebKeySet? TryParse(ReadOnlySpan<byte> utf8Json)
    {
        if (!StrictJson.TryParseObject(utf8Json, out var set)
            || !set.TryGetProperty("keys", out var keys) || keys.ValueKind is not JsonValueKind.Array)
            return null;

        return new(keys.EnumerateArray().Take(MaxFetchedKeys).Select(JsonWebKey.TryParse).OfType<JsonWebKey>());
    }

    public bool Contains(string kid) => Array.Exists(_keys, key => key.Kid == kid);

    /// <summary>The keys a token may be signed with, of this issuer alone: by kid where the token has one, always by fit.</summary>
    internal Candidates Find(JwsAlgorithm algorithm, string? kid) => new(_keys, algorithm, kid);

    internal readonly struct Candidates(JsonWebKey[] keys, JwsAlgorithm algorithm, string? kid)
    {
        public int Count()
        {
            var count = 0;
            foreach (var key in keys)
                count += Has(key) ? 1 : 0;
            return count;
        }

        public bool AnyVerifies(ReadOnlySpan<byte> signingInput, ReadOnlySpan<byte> signature)
        {
            foreach (var key in keys)
            {
                if (Has(key) && key.Verify(algorithm, signingInput, signature))
                    return true;
            }

            return false;
        }

        private bool Has(JsonWebKey key) => (kid is null || key.Kid == kid) && key.Fits(algorithm);
    }
}
