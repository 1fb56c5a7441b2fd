using System.Text;
using OrgGateway.Proxy;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Claim values on their way into header lines: one line of visible ASCII, out of which every value comes back.</summary>
internal sealed class HeaderTextTarget : FuzzTarget
{
    public override string Name => "header-text";
    public override int Inputs => 5000;
    public override IReadOnlyList<string> Words { get; } = [.. Fuzz.Words.Odd, "\r\nX-Auth-Roles: admin", "%0d%0a", "%2C", ", "];

    public override byte[] Generate(SeededNumbers numbers) => Bytes(numbers.Some(12, () => numbers.Of(Words)));

    public override FuzzOutcome Try(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        var encoded = HeaderText.Encode(text);
        AssertVisible(encoded);
        FuzzViolation.Unless(Decoded(encoded) == text, "another value comes back");
        string[] items = [.. text.Split('\n').Where(item => item.Length > 0)];
        var list = HeaderText.EncodeList(items);
        AssertVisible(list);
        FuzzViolation.Unless(items.Length == 0 || list.Split(',').Select(Decoded).SequenceEqual(items), "another list comes back");
        return FuzzOutcome.Accept($"{encoded == text} {Math.Min(4, items.Length)} {text.Contains(',')} {text.Contains('%')}");
    }

    private static void AssertVisible(string value) =>
        FuzzViolation.Unless(value.All(c => c is >= ' ' and <= '~') && value.Trim() == value, "not one line of visible ASCII");

    private static string Decoded(string value)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < value.Length; i++)
            if (value[i] == '%')
            {
                bytes.Add(Convert.FromHexString(value.AsSpan(i + 1, 2))[0]);
                i += 2;
            }
            else
            {
                bytes.Add((byte)value[i]);
            }
        return Encoding.UTF8.GetString([.. bytes]);
    }
}
