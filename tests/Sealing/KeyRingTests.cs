using System.Security.Cryptography;
using OrgGateway.Sealing;

namespace OrgGateway.Tests.Sealing;

public sealed class KeyRingTests
{
    private const string Purpose = "session";
    private static readonly SealingKey Old = new("old", "the old secret, long enough");
    private static readonly SealingKey New = new("new", "the new secret, long enough");
    private static readonly byte[] Name = "session:abc"u8.ToArray();
    private static readonly byte[] Plaintext = "an access token"u8.ToArray();
    private readonly KeyRing _ring = new([Old]);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20_000)]
    public void What_was_sealed_opens(int length)
    {
        var plaintext = RandomNumberGenerator.GetBytes(length);
        Assert.True(_ring.TryOpen(Purpose, Name, _ring.Seal(Purpose, Name, plaintext), out var opened));
        Assert.Equal(plaintext, opened);
    }

    [Fact, Trait("Row", "K9")]
    public void Sealing_a_value_twice_gives_two_values()
    {
        var one = _ring.Seal(Purpose, Name, Plaintext);
        var two = _ring.Seal(Purpose, Name, Plaintext);
        Assert.NotEqual(one[9..21], two[9..21]);
        Assert.NotEqual(one[21..], two[21..]);
    }

    [Fact, Trait("Row", "T82")]
    public void Sealing_a_value_ten_thousand_times_takes_ten_thousand_nonces()
    {
        var nonces = new HashSet<string>();
        for (var i = 0; i < 10_000; i++)
            nonces.Add(Convert.ToHexString(_ring.Seal(Purpose, Name, Plaintext).AsSpan(9, 12)));
        Assert.Equal(10_000, nonces.Count);
    }

    [Fact, Trait("Row", "K9")]
    public void Each_changed_bit_makes_a_value_unreadable_and_all_fail_alike()
    {
        var value = _ring.Seal(Purpose, Name, Plaintext);
        for (var i = 0; i < value.Length; i++)
            for (var bit = 0; bit < 8; bit++)
            {
                var changed = value.ToArray();
                changed[i] ^= (byte)(1 << bit);
                AssertRefused(_ring, Purpose, Name, changed);
            }
    }

    [Fact]
    public void Each_other_length_makes_a_value_unreadable()
    {
        var value = _ring.Seal(Purpose, Name, Plaintext);
        for (var length = 0; length < value.Length; length++)
        {
            AssertRefused(_ring, Purpose, Name, value[..length]);
            AssertRefused(_ring, Purpose, Name, value[^length..]);
        }
        AssertRefused(_ring, Purpose, Name, [.. value, 0]);
        AssertRefused(_ring, Purpose, Name, [0, .. value]);
    }

    [Fact, Trait("Row", "T81")]
    public void Ten_thousand_values_of_wrong_keys_all_fail_cleanly()
    {
        var value = _ring.Seal(Purpose, Name, Plaintext);
        for (var i = 0; i < 5_000; i++)
        {
            // Of the same id, so that the wrong key is tried and not just missing.
            var wrong = new KeyRing([new SealingKey(Old.Id, Convert.ToHexString(RandomNumberGenerator.GetBytes(16)))]);
            AssertRefused(wrong, Purpose, Name, value);
            AssertRefused(_ring, Purpose, Name, wrong.Seal(Purpose, Name, Plaintext));
        }
    }

    [Fact, Trait("Row", "T48")]
    public void Bytes_shifted_between_adjacent_fields_make_a_value_unreadable()
    {
        var value = _ring.Seal("ab", "cd"u8, Plaintext);
        Assert.True(_ring.TryOpen("ab", "cd"u8, value, out _));
        AssertRefused(_ring, "a", "bcd"u8, value);
        AssertRefused(_ring, "abc", "d"u8, value);
        AssertRefused(_ring, "abcd", ""u8, value);
        AssertRefused(_ring, "", "abcd"u8, value);
        AssertRefused(_ring, "ab", "cd\0"u8, value);
        AssertRefused(_ring, "ab", "\0cd"u8, value);
        // The lengths themselves as bytes of a field.
        AssertRefused(_ring, "ab\0\0\0\u0002cd", ""u8, value);
        AssertRefused(_ring, "", "\0\0\0\u0002ab\0\0\0\u0002cd"u8, value);
    }

    [Fact]
    public void A_value_moved_to_another_name_or_purpose_is_unreadable()
    {
        var value = _ring.Seal(Purpose, Name, Plaintext);
        AssertRefused(_ring, "login", Name, value);
        AssertRefused(_ring, Purpose, "session:abd"u8.ToArray(), value);
    }

    [Fact]
    public void The_first_key_seals_and_all_open()
    {
        var both = new KeyRing([New, Old]);
        var old = _ring.Seal(Purpose, Name, Plaintext);
        var renewed = both.Seal(Purpose, Name, Plaintext);
        Assert.True(both.TryOpen(Purpose, Name, old, out var opened));
        Assert.Equal(Plaintext, opened);
        Assert.True(both.TryOpen(Purpose, Name, renewed, out _));
        Assert.False(both.IsSealedByFirst(old));
        Assert.True(both.IsSealedByFirst(renewed));
        AssertRefused(_ring, Purpose, Name, renewed);
        AssertRefused(new KeyRing([New]), Purpose, Name, old);
    }

    [Fact]
    public void A_rings_own_key_is_random()
    {
        var value = KeyRing.Ephemeral().Seal(Purpose, Name, Plaintext);
        AssertRefused(KeyRing.Ephemeral(), Purpose, Name, value);
    }

    private static void AssertRefused(KeyRing ring, string purpose, ReadOnlySpan<byte> name, byte[] value)
    {
        Assert.False(ring.TryOpen(purpose, name, value, out var plaintext));
        Assert.Empty(plaintext);
    }
}
