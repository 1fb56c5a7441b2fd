namespace OrgGateway.Configuration;

/// <summary>Finds the known name that a mistyped one was most likely meant to be.</summary>
public static class Nearest
{
    /// <returns>The nearest name within three edits, or null when nothing is near.</returns>
    public static string? To(string name, IEnumerable<string> known) => known
        .Select(k => (Name: k, Edits: Edits(name.ToUpperInvariant(), k.ToUpperInvariant())))
        .Where(k => k.Edits <= Math.Max(3, name.Length / 3))
        .OrderBy(k => k.Edits).ThenBy(k => k.Name, StringComparer.Ordinal)
        .Select(k => k.Name).FirstOrDefault();

    // Levenshtein distance over one row.
    private static int Edits(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
