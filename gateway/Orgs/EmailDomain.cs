using System.Buffers;

namespace OrgGateway.Orgs;

/// <summary>The domain of an e-mail address, where it is beyond doubt.</summary>
public static class EmailDomain
{
    private const int LongestAddress = 254;
    private static readonly SearchValues<char> Doubtful = SearchValues.Create("\"\\()<>[],;: ");

    /// <returns>
    /// In lower case, or null: of <c>a@evil.com@good.com</c> and of quoted local parts some readers take the one half and some the
    /// other (T70).
    /// </returns>
    public static string? Of(string? address)
    {
        if (address is not { Length: > 0 and <= LongestAddress } || address.AsSpan().ContainsAny(Doubtful) || address.Any(char.IsControl))
            return null;
        var at = address.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at == address.LastIndexOf('@') && IsValid(address[(at + 1)..]) ? address[(at + 1)..].ToLowerInvariant() : null;
    }

    /// <summary>Labels of letters, digits and inner hyphens (RFC 1035 §2.3.1), at least two of them.</summary>
    public static bool IsValid(string domain)
    {
        var labels = domain.Split('.');
        return labels.Length > 1 && labels.All(label => label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-'
            && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
    }
}
