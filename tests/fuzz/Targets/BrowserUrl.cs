namespace OrgGateway.Tests.Fuzz;

/// <summary>Where a browser goes from a page of an origin (WHATWG URL §4.4), as far as the origin is concerned; written without the code under test.</summary>
internal static class BrowserUrl
{
    private static readonly char[] Trimmed = [.. Enumerable.Range(0, 0x21).Select(i => (char)i)];

    /// <returns>Whether it stays, and the path it asks for.</returns>
    public static bool Stays(string reference, out string path)
    {
        path = "";
        var text = reference.Trim(Trimmed).Replace("\t", "").Replace("\n", "").Replace("\r", "").Replace('\\', '/');
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && char.IsAsciiLetter(text[0]) && text[..colon].All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.'))
            return false; // any scheme at all; "https:x" stays in browsers, and is nothing a path would look like
        if (text.StartsWith("//", StringComparison.Ordinal))
            return false;
        path = text.Split('?', '#')[0];
        var kept = new List<string>();
        var segments = path.Split('/').Skip(1).ToArray();
        for (var i = 0; i < segments.Length; i++)
        {
            var plain = segments[i].Replace("%2e", ".", StringComparison.OrdinalIgnoreCase);
            if (plain == ".." && kept.Count > 0)
                kept.RemoveAt(kept.Count - 1);
            if (plain is not ("." or ".."))
                kept.Add(segments[i]);
            else if (i == segments.Length - 1)
                kept.Add("");
        }
        path = "/" + string.Join('/', kept);
        return true;
    }
}
