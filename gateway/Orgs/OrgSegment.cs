namespace OrgGateway.Orgs;

/// <summary>The strict grammar of <c>{org}</c> in a URL: what cannot be an organization never reaches a look-up (A20, T38).</summary>
public static class OrgSegment
{
    public const int Longest = 128;

    public static bool IsValid(string? segment)
    {
        if (segment is null || segment.Length is 0 or > Longest || !char.IsAsciiLetterOrDigit(segment[0]) || segment[^1] == '.')
            return false;
        foreach (var c in segment)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
                return false;
        return true;
    }
}
