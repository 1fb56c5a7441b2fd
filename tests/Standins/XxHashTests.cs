using System.Globalization;
using System.IO.Hashing;

namespace OrgGateway.Tests.Standins;

/// <summary>xxHash 0.8.2's published vectors (tests/sanity_test_vectors.h): prefixes of one generated buffer.</summary>
public sealed class XxHashTests
{
    private static readonly byte[] Buffer = Fill(4160);

    [Theory]
    [InlineData(0, "EF46DB3751D8E999")]
    [InlineData(1, "E934A84ADB052768")]
    [InlineData(2, "5D48CD60A77E23FF")]
    [InlineData(3, "FF7E1959CB50794A")]
    [InlineData(4, "9136A0DCA57457EE")]
    [InlineData(8, "CDBCF538E71D1348")]
    [InlineData(9, "554B1AE991EDA6B6")]
    [InlineData(14, "8282DCC4994E35C8")]
    [InlineData(16, "98C90B57FDFCB55C")]
    [InlineData(17, "0D39A2D051A30C2C")]
    [InlineData(31, "299B39A290E6D783")]
    [InlineData(32, "18B216492BB44B70")]
    [InlineData(33, "55C8DC3E578F5B59")]
    [InlineData(64, "EF558F8ACAC2B5CD")]
    [InlineData(100, "4BFE019CD91D9EA4")]
    [InlineData(128, "90CA021457D96DC5")]
    [InlineData(222, "B641AE8CB691C174")]
    [InlineData(403, "D99858FEE82283DF")]
    [InlineData(2048, "5940F2752BC04387")]
    [InlineData(4160, "EEE6A4E2AC952A5E")]
    public void XXH64_gives_the_published_digest(int length, string expected) => Assert.Equal(expected, Convert.ToHexString(XxHash64.Hash(Buffer[..length])));

    [Theory]
    [InlineData(0, "2D06800538D394C2", "A8A6B918B2F0364A")]
    [InlineData(1, "C44BDFF4074EECDB", "032BE332DD766EF8")]
    [InlineData(2, "7A9978044CB8A8BB", "764B35C90519AD88")]
    [InlineData(3, "54247382A8D6B94D", "634B8990B4976373")]
    [InlineData(4, "E5DC74BC51848A51", "AA2E7ECCB0C8F747")]
    [InlineData(6, "27B56A84CD2D7325", "84589C116AB59AB9")]
    [InlineData(8, "24CCC9ACAA9F65E4", "8F973410999B8F6B")]
    [InlineData(12, "A713DAF0DFBB77E7", "E7303E1B2336DE0E")]
    [InlineData(16, "981B17D36C7498C9", "663F29333B4DB6B1")]
    [InlineData(17, "796F5ACD3A60F862", "F3EC5067F4306DB3")]
    [InlineData(24, "A3FE70BF9D3510EB", "850E80FC35BDD690")]
    [InlineData(32, "9FEADDBDBF57EED3", "2199FAB1534893D9")]
    [InlineData(33, "ABFB2D081B400A10", "AD56348DA574BB6D")]
    [InlineData(48, "397DA259ECBA1F11", "ADC2CBAA44ACC616")]
    [InlineData(64, "9CB48487720EC49D", "4FE8895DB9B8C077")]
    [InlineData(65, "FD81AAC4BEBC3883", "AD80AEEC1FC9E0A7")]
    [InlineData(80, "BCDEFBBB2C47C90A", "C6DD0CB699532E73")]
    [InlineData(128, "FCFF24126754D861", "73FDE75280646649")]
    [InlineData(129, "98F1B0A679A2CA29", "21FFFDBCA099C844")]
    [InlineData(195, "CD94217EE362EC3A", "BA68003D370CB3D9")]
    [InlineData(240, "81C3C2B67F568CCF", "CC0F58C27EF3D8EE")]
    [InlineData(241, "C5A639ECD2030E5E", "DDA9B0A161D4829A")]
    [InlineData(256, "55DE574AD89D0AC5", "4D30234B7A3AA61C")]
    [InlineData(257, "B17FD5A8AE75BB0B", "802A6FBF3CACD97C")]
    [InlineData(403, "CDEB804D65C6DEA4", "6259F6ECFD6443FD")]
    [InlineData(1024, "DD85C9B5C1109C5C", "EF368A8A2EBABAEF")]
    [InlineData(4096, "E91206429D1F48F9", "2A3BBB20A5439DCD")]
    [InlineData(4160, "4F323B15321E94E1", "1BF6F5FAF9EECABD")]
    public void XXH3_gives_the_published_digest_with_and_without_a_seed(int length, string unseeded, string seeded)
    {
        Assert.Equal(ulong.Parse(unseeded, NumberStyles.HexNumber, CultureInfo.InvariantCulture), XxHash3.HashToUInt64(Buffer.AsSpan(0, length)));
        Assert.Equal(ulong.Parse(seeded, NumberStyles.HexNumber, CultureInfo.InvariantCulture), XxHash3.HashToUInt64(Buffer.AsSpan(0, length), unchecked((long)11400714785074694797UL)));
    }

    private static byte[] Fill(int length)
    {
        var buffer = new byte[length];
        var generator = 2654435761UL;
        for (var i = 0; i < length; i++)
        {
            buffer[i] = (byte)(generator >> 56);
            generator = unchecked(generator * 11400714785074694797UL);
        }
        return buffer;
    }
}
