using System.Globalization;
using System.Text.Json;
using OrgGateway.Configuration;

namespace OrgGateway.Oidc;

/// <summary>
/// A way into claims: a JSON Pointer (RFC 6901) if it begins with a slash, else one member's literal name. Never split at dots,
/// because claim names are often URLs.
/// </summary>
internal static class ClaimPath
{
    private const int Longest = 256;

    public static JsonElement? Find(JsonElement from, string path)
    {
        if (!path.StartsWith('/'))
            return Step(from, path);

        JsonElement? at = from;
        foreach (var token in path[1..].Split('/'))
        {
            // "~1" before "~0": the other way round, "~01" would become a slash (RFC 6901 §4).
            if (at is not { } here || (at = Step(here, token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))) is null)
                return null;
        }

        return at;
    }

    public static void Check(string setting, string path, Faults faults)
    {
        if (path.Length is 0 or > Longest)
            faults.Add(setting, $"a JSON Pointer or a claim's name, of 1 to {Longest} characters, belongs here");
        else if (path[0] == '/' && HasWrongEscape(path))
            faults.Add(setting, "is no JSON Pointer: ~ is written ~0 in one, and / within a name ~1 (RFC 6901)");
    }

    private static JsonElement? Step(JsonElement from, string name) => from.ValueKind switch
    {
        JsonValueKind.Object when from.TryGetProperty(name, out var member) => member,
        JsonValueKind.Array when IsIndex(name, out var index) && index < from.GetArrayLength() => from[index],
        _ => null,
    };

    private static bool IsIndex(string name, out int index) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out index) && (name.Length == 1 || name[0] != '0');

    private static bool HasWrongEscape(string path)
    {
        for (var i = 0; i < path.Length; i++)
            if (path[i] == '~' && (i + 1 == path.Length || path[i + 1] is not ('0' or '1')))
                return true;
        return false;
    }
}
