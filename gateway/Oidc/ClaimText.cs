using System.Text.Json;

namespace OrgGateway.Oidc;

/// <summary>Text of a claim, within bounds: whatever a provider sends, a session holds only so much of it.</summary>
internal static class ClaimText
{
    public const int Longest = 256;
    public const int MostInList = 100;

    public static string? Of(JsonElement value) => value.ValueKind is JsonValueKind.String ? Of(value.GetString()) : null;

    public static string? Of(string? text) => text is { Length: > 0 and <= Longest } ? text : null;

    /// <summary>Of a list its texts, each once; of one text a list of it; of anything else nothing.</summary>
    public static string[] ListOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => [.. value.EnumerateArray().Select(Of).OfType<string>().Distinct(StringComparer.Ordinal).Take(MostInList)],
        JsonValueKind.String when Of(value) is { } one => [one],
        _ => [],
    };
}
