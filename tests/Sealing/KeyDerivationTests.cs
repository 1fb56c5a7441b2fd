using System.Security.Cryptography;
using System.Text;
using OrgGateway.Configuration;
using OrgGateway.Sealing;

namespace OrgGateway.Tests.Sealing;

public sealed class KeyDerivationTests
{
    private const string Base64Key = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=";

    /// <summary>Expected values were computed outside .NET, by HMAC-SHA256 as RFC 5869 §2 writes it down.</summary>
    [Theory, Trait("Row", "K8")]
    [InlineData(Base64Key, "session", "80f290ba10b57ce8dee9055ee42dc5193f818cba882d90ccbbba2d2a989f5ec6")]
    [InlineData("a plain sentence of words", "session", "b467a149195cc7deb9e5f70a563021485d902b80287a8e361cc83e3c244a1c36")]
    [InlineData("pässwörter und schlüssel", "login", "18cf9c7ec0d16701861b4dad860fd67dd80ce526cdc0a9567794dac0fc1d2648")]
    [InlineData(Base64Key, "assertion", "f93cab6f88c3ef1e004f5070840e36a6f171cdf4c1dda2d9682e29f3d846b949b561c93484e625ae58125281fadb5ecc2511434288de2b4dea1791bcd51edb85")]
    public void Any_string_gives_the_documented_key(string secret, string purpose, string expected)
    {
        var length = expected.Length / 2;
        var derived = Assert.Single(new KeyRing([new SealingKey("k1", secret)]).Derive(purpose, length));
        Assert.Equal(expected, Convert.ToHexStringLower(derived));
        Assert.Equal(ByHand(Encoding.UTF8.GetBytes(secret), purpose, length), derived);
    }

    [Fact, Trait("Row", "K8")]
    public void A_base64_key_is_taken_as_its_text_and_not_decoded()
    {
        Assert.Equal(44, Base64Key.Length);
        Assert.NotEqual(ByHand(Convert.FromBase64String(Base64Key), "session", 32), Assert.Single(new KeyRing([new SealingKey("k1", Base64Key)]).Derive("session", 32)));
    }

    [Fact]
    public void A_sealed_value_opens_by_its_documentation_alone()
    {
        var value = new KeyRing([new SealingKey("k1", Base64Key)]).Seal("session", "name"u8, "plain"u8);

        Assert.Equal(1, value[0]);
        Assert.Equal(SHA256.HashData("k1"u8)[..8], value[1..9]);
        byte[] additional = [.. value[..21], 0, 0, 0, 7, .. "session"u8, 0, 0, 0, 4, .. "name"u8];
        var plaintext = new byte[5];
        using var aes = new AesGcm(ByHand(Encoding.UTF8.GetBytes(Base64Key), "session", 32), 16);
        aes.Decrypt(value.AsSpan(9, 12), value.AsSpan(21, 5), value.AsSpan(26, 16), plaintext, additional);
        Assert.Equal("plain"u8, plaintext);
        Assert.Equal(21 + 5 + 16, value.Length);
    }

    [Fact]
    public void Purposes_and_secrets_have_keys_of_their_own_and_the_first_key_comes_first()
    {
        var ring = new KeyRing([new SealingKey("new", Base64Key), new SealingKey("old", "a plain sentence of words")]);
        var keys = ring.Derive("session", 32).Concat(ring.Derive("login", 32)).Select(Convert.ToHexString).ToList();
        Assert.Equal(4, keys.Distinct().Count());
        Assert.Equal(ByHand(Encoding.UTF8.GetBytes(Base64Key), "session", 32), ring.Derive("session", 32)[0]);
    }

    [Theory, Trait("Row", "K8")]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("                        ")]
    [InlineData("abc")]
    [InlineData("fifteen letters")]
    public void A_missing_or_short_secret_is_a_fault_of_the_configuration(string? secret)
    {
        Assert.NotNull(SealingKey.Fault(secret));

        var faults = new Faults();
        new EncryptionOptions { Keys = [new() { Id = "k1", Secret = secret }] }.Check(required: false, isWarned: false, faults);
        var fault = Assert.Single(faults.All);
        Assert.StartsWith("Gateway:Encryption:Keys:0:Secret: ", fault, StringComparison.Ordinal);
        if (secret is "abc" or "fifteen letters")
            Assert.DoesNotContain(secret, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_of_sixteen_characters_will_do_and_a_shared_store_must_have_one()
    {
        Assert.Null(SealingKey.Fault("sixteen letters!"));
        Assert.Null(SealingKey.Fault(Base64Key));

        var faults = new Faults();
        new EncryptionOptions().Check(required: true, isWarned: false, faults);
        Assert.StartsWith("Gateway:Encryption:Keys: missing", Assert.Single(faults.All), StringComparison.Ordinal);
        var none = new Faults();
        new EncryptionOptions().Check(required: false, isWarned: false, none);
        Assert.False(none.Any);
    }

    [Fact]
    public void Two_keys_of_one_id_are_refused()
    {
        var faults = new Faults();
        new EncryptionOptions { Keys = [new() { Id = "k1", Secret = Base64Key }, new() { Id = "k1", Secret = "another sentence of words" }] }.Check(required: true, isWarned: false, faults);
        Assert.Single(faults.All);
        Assert.Throws<ArgumentException>(() => new KeyRing([new SealingKey("k1", Base64Key), new SealingKey("k1", "another sentence of words")]));
    }

    [Fact, Trait("Row", "K9")]
    public void An_initialization_vector_only_warns_and_a_short_one_is_a_fault()
    {
        var faults = new Faults();
        new EncryptionOptions { InitializationVector = "exactly12byt" }.Check(required: false, isWarned: false, faults);
        Assert.False(faults.Any);
        Assert.Single(faults.Warnings);
        new EncryptionOptions { InitializationVector = "elevenbytes" }.Check(required: false, isWarned: false, faults);
        Assert.Single(faults.All);
    }

    [Fact]
    public void A_key_prints_without_its_secret() => Assert.DoesNotContain(Base64Key, new SealingKey("k1", Base64Key).ToString(), StringComparison.Ordinal);

    // RFC 5869 §2.2 and §2.3, without the framework's HKDF.
    private static byte[] ByHand(byte[] secret, string purpose, int length)
    {
        var pseudorandom = HMACSHA256.HashData("orggateway"u8.ToArray(), secret);
        byte[] output = [], block = [];
        for (byte i = 1; output.Length < length; i++)
            output = [.. output, .. block = HMACSHA256.HashData(pseudorandom, (byte[])[.. block, .. Encoding.UTF8.GetBytes(purpose), i])];
        return output[..length];
    }
}
