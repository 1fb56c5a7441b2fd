using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.Sealing;

/// <summary>
/// Seals what leaves the process for the store: AES-256-GCM with a random 96-bit nonce per write. The first key seals, all open.
/// </summary>
/// <remarks>
/// Key = HKDF-SHA256(ikm: UTF-8 of the secret, salt: UTF-8 "orggateway", info: UTF-8 of the purpose), 32 bytes (RFC 5869), so
/// that a value of one purpose cannot be read as another's. Sealed value = version (1 byte, 1), key id (8 bytes: the first of
/// SHA-256 over the UTF-8 of the key's Id), nonce (12), ciphertext, tag (16). Additional data = the value's first 21 bytes, then
/// purpose and name, each behind its length as 4 bytes big-endian.
/// </remarks>
public sealed class KeyRing
{
    private const byte Version = 1;
    private const int KeyIdLength = 8;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int HeadLength = 1 + KeyIdLength + NonceLength;

    /// <summary>In bytes: by so much a sealed value is longer than what it seals.</summary>
    public const int Overhead = HeadLength + TagLength;

    private static readonly byte[] Salt = "orggateway"u8.ToArray();
    private readonly Ring[] _keys;

    public KeyRing(IReadOnlyList<SealingKey> keys)
    {
        ArgumentOutOfRangeException.ThrowIfZero(keys.Count);
        if (keys.Select(k => k.Id).Distinct(StringComparer.Ordinal).Count() != keys.Count)
            throw new ArgumentException("two keys have one id", nameof(keys));
        _keys = [.. keys.Select(k => new Ring(k))];
    }

    /// <summary>A ring of one random key, for a store that lives and dies with this process.</summary>
    public static KeyRing Ephemeral() => new([new SealingKey("process", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)))]);

    public byte[] Seal(string purpose, ReadOnlySpan<byte> name, ReadOnlySpan<byte> plaintext)
    {
        var result = new byte[HeadLength + plaintext.Length + TagLength];
        var head = result.AsSpan(0, HeadLength);
        head[0] = Version;
        _keys[0].Id.CopyTo(head[1..]);
        RandomNumberGenerator.Fill(head[(1 + KeyIdLength)..]);
        using var aes = new AesGcm(_keys[0].For(purpose), TagLength);
        aes.Encrypt(head[(1 + KeyIdLength)..], plaintext, result.AsSpan(HeadLength, plaintext.Length), result.AsSpan(HeadLength + plaintext.Length), AdditionalData(head, purpose, name));
        return result;
    }

    /// <returns>False for whatever this ring did not seal for this purpose and name; one failure for all of it (T79).</returns>
    public bool TryOpen(string purpose, ReadOnlySpan<byte> name, ReadOnlySpan<byte> sealedValue, out byte[] plaintext)
    {
        plaintext = [];
        if (sealedValue.Length < HeadLength + TagLength || sealedValue[0] != Version)
            return false;
        var head = sealedValue[..HeadLength];
        foreach (var key in _keys)
        {
            if (!head.Slice(1, KeyIdLength).SequenceEqual(key.Id))
                continue;
            var opened = new byte[sealedValue.Length - HeadLength - TagLength];
            using var aes = new AesGcm(key.For(purpose), TagLength);
            try
            {
                aes.Decrypt(head[(1 + KeyIdLength)..], sealedValue[HeadLength..^TagLength], sealedValue[^TagLength..], opened, AdditionalData(head, purpose, name));
            }
            catch (AuthenticationTagMismatchException)
            {
                return false;
            }
            plaintext = opened;
            return true;
        }
        return false;
    }

    public bool IsSealedByFirst(ReadOnlySpan<byte> sealedValue) =>
        sealedValue.Length >= HeadLength && sealedValue.Slice(1, KeyIdLength).SequenceEqual(_keys[0].Id);

    /// <summary>Keying material for another capability, the first key's first.</summary>
    public IReadOnlyList<byte[]> Derive(string purpose, int length) => [.. _keys.Select(k => k.Derive(purpose, length))];

    private static byte[] AdditionalData(ReadOnlySpan<byte> head, string purpose, ReadOnlySpan<byte> name)
    {
        var length = Encoding.UTF8.GetByteCount(purpose);
        var data = new byte[head.Length + 4 + length + 4 + name.Length];
        head.CopyTo(data);
        var rest = data.AsSpan(head.Length);
        BinaryPrimitives.WriteInt32BigEndian(rest, length);
        Encoding.UTF8.GetBytes(purpose, rest[4..]);
        BinaryPrimitives.WriteInt32BigEndian(rest[(4 + length)..], name.Length);
        name.CopyTo(rest[(8 + length)..]);
        return data;
    }

    private sealed class Ring(SealingKey key)
    {
        private readonly byte[] _secret = Encoding.UTF8.GetBytes(key.Secret);
        private readonly System.Collections.Concurrent.ConcurrentDictionary<string, byte[]> _byPurpose = new(StringComparer.Ordinal);

        public byte[] Id { get; } = SHA256.HashData(Encoding.UTF8.GetBytes(key.Id))[..KeyIdLength];

        // Purposes are constants of this program, so the dictionary stays as small as their number.
        public byte[] For(string purpose) => _byPurpose.GetOrAdd(purpose, p => Derive(p, 32));

        public byte[] Derive(string purpose, int length) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, length, Salt, Encoding.UTF8.GetBytes(purpose));
    }
}
