using System.Text;

namespace OrgGateway.Proxy;

/// <summary>Claim values as header values: visible ASCII and inner blanks stay, everything else is percent-encoded UTF-8 (T13).</summary>
public static class HeaderText
{
    public static string Encode(string text) => Encode(text, comma: false);

    /// <summary>A comma list; a comma inside an item is encoded.</summary>
    public static string EncodeList(IReadOnlyList<string> items) => string.Join(',', items.Select(i => Encode(i, comma: true)));

    private static string Encode(string text, bool comma)
    {
        if (IsPlain(text, comma))
            return text;
        var encoded = new StringBuilder(text.Length + 16);
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < bytes.Length; i++)
        {
            var b = bytes[i];
            var outerBlank = b == ' ' && (i == 0 || i == bytes.Length - 1);
            if (b is < 0x20 or > 0x7e or (byte)'%' || outerBlank || (comma && b == ','))
                encoded.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            else
                encoded.Append((char)b);
        }
        return encoded.ToString();
    }

    private static bool IsPlain(string text, bool comma)
    {
        if (text.Length > 0 && (text[0] == ' ' || text[^1] == ' '))
            return false;
        foreach (var c in text)
            if (c is < ' ' or > '~' or '%' || (comma && c == ','))
                return false;
        return true;
    }
}
