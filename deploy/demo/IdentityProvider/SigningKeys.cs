using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrgGateway.Demo.IdentityProvider;

/// <summary>
/// The provider's RSA keys and the JWTs they sign. It shares no code with the gateway's own JWS, so that a fault there
/// cannot be hidden by the same fault here.
/// </summary>
internal sealed class SigningKeys : IDisposable
{
    private const int PublishedAtMost = 5;
    private readonly Lock _gate = new();
    private readonly List<Key> _keys = [];
    private readonly TimeSpan _retiredFor;
    private readonly TimeProvider _clock;

    public SigningKeys(TimeSpan retiredFor, TimeProvider clock)
    {
        (_retiredFor, _clock) = (retiredFor, clock);
        Rotate();
    }

    /// <summary>A new key signs from here on; those before it stay published for a while, for the tokens they signed.</summary>
    public void Rotate()
    {
        var rsa = RSA.Create(2048);
        var key = new Key(Thumbprint(rsa), rsa);
        lock (_gate)
        {
            _keys.ForEach(old => old.RetireAt ??= _clock.GetUtcNow() + _retiredFor);
            _keys.Insert(0, key);
            Prune();
        }
    }

    public JsonObject Jwks()
    {
        lock (_gate)
        {
            Prune();
            return new JsonObject { ["keys"] = new JsonArray([.. _keys.Select(key => (JsonNode)Jwk(key))]) };
        }
    }

    public string Sign(string type, JsonObject claims)
    {
        lock (_gate)
        {
            var key = _keys[0];
            var header = new JsonObject { ["alg"] = "RS256", ["typ"] = type, ["kid"] = key.Id };
            var signed = $"{Encode(header)}.{Encode(claims)}";
            var signature = key.Rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            return $"{signed}.{Base64Url.EncodeToString(signature)}";
        }
    }

    /// <returns>
    /// The claims of a token of this type that a published key signed, or null. Whether it has expired is the caller's to judge.
    /// </returns>
    public JsonObject? Verify(string type, string jwt)
    {
        try
        {
            var parts = jwt.Split('.');
            if (parts.Length != 3 || Decode(parts[0]) is not { } header || header["alg"]?.GetValue<string>() != "RS256"
                || header["typ"]?.GetValue<string>() != type)
                return null;
            var signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
            var signature = Base64Url.DecodeFromChars(parts[2]);
            lock (_gate)
            {
                Prune();
                var key = _keys.Find(k => k.Id == header["kid"]?.GetValue<string>());
                return key is not null && key.Rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                    ? Decode(parts[1])
                    : null;
            }
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    public void Dispose() => _keys.ForEach(key => key.Rsa.Dispose());

    private void Prune()
    {
        var now = _clock.GetUtcNow();
        for (var i = _keys.Count - 1; i > 0; i--)
        {
            if (i < PublishedAtMost && _keys[i].RetireAt > now)
                continue;
            _keys[i].Rsa.Dispose();
            _keys.RemoveAt(i);
        }
    }

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static JsonObject? Decode(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part)) as JsonObject;

    private static JsonObject Jwk(Key key)
    {
        var (e, n) = PublicParts(key.Rsa);
        return new JsonObject { ["kty"] = "RSA", ["use"] = "sig", ["alg"] = "RS256", ["kid"] = key.Id, ["n"] = n, ["e"] = e };
    }

    // RFC 7638 §3: the required members in lexicographic order, without white space.
    private static string Thumbprint(RSA rsa)
    {
        var (e, n) = PublicParts(rsa);
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"e":"{{e}}","kty":"RSA","n":"{{n}}"}""")));
    }

    private static (string E, string N) PublicParts(RSA rsa)
    {
        var key = rsa.ExportParameters(includePrivateParameters: false);
        return (Base64Url.EncodeToString(key.Exponent), Base64Url.EncodeToString(key.Modulus));
    }

    private sealed record Key(string Id, RSA Rsa)
    {
        public DateTimeOffset? RetireAt { get; set; }
    }
}
