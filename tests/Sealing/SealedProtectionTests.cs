using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using OrgGateway.Sealing;

namespace OrgGateway.Tests.Sealing;

public sealed class SealedProtectionTests
{
    private static readonly byte[] Plain = Encoding.UTF8.GetBytes("destination-a");

    [Fact]
    public void What_one_replica_protects_another_one_opens() =>
        Assert.Equal(Plain, Replica("k1").CreateProtector("affinity").Unprotect(Replica("k1").CreateProtector("affinity").Protect(Plain)));

    [Fact]
    public void A_retired_key_still_opens()
    {
        var before = Replica("k1").CreateProtector("affinity").Protect(Plain);
        var after = new SealedProtection(new KeyRing([new SealingKey("k2", "another secret of the tests"), Key("k1")]));
        Assert.Equal(Plain, after.CreateProtector("affinity").Unprotect(before));
    }

    [Fact]
    public void Another_purpose_another_key_or_a_changed_byte_opens_nothing()
    {
        var sealedValue = Replica("k1").CreateProtector("a").CreateProtector("b").Protect(Plain);
        var changed = sealedValue.ToArray();
        changed[^1] ^= 1;
        Assert.Equal(Plain, Replica("k1").CreateProtector("a", "b").Unprotect(sealedValue));
        Assert.Throws<CryptographicException>(() => Replica("k1").CreateProtector("a", "b").Unprotect(changed));
        Assert.Throws<CryptographicException>(() => Replica("k1").CreateProtector("ab").Unprotect(sealedValue));
        Assert.Throws<CryptographicException>(() => Replica("k1").CreateProtector("a").Unprotect(sealedValue));
        Assert.Throws<CryptographicException>(() => Replica("k2").CreateProtector("a", "b").Unprotect(sealedValue));
        Assert.Throws<CryptographicException>(() => Replica("k1").CreateProtector("a", "b").Unprotect([]));
    }

    private static SealedProtection Replica(string key) => new(new KeyRing([Key(key)]));

    private static SealingKey Key(string id) => new(id, "a secret of the tests, " + id);
}
