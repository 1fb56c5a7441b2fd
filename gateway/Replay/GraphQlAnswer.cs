using System.Text.Json;
using OrgGateway.Access;

namespace OrgGateway.Replay;

/// <summary>Reads a GraphQL response (spec §7.1) as far as it is there.</summary>
public static class GraphQlAnswer
{
    public static GraphQlJudgement Judge(ReadOnlySpan<byte> utf8, bool isWhole, GraphQlCodes codes)
    {
        try
        {
            return Read(utf8, isWhole, codes);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return GraphQlJudgement.Other; // no JSON, or text that is none: not an answer to act on
        }
    }

    private static GraphQlJudgement Read(ReadOnlySpan<byte> utf8, bool isWhole, GraphQlCodes codes)
    {
        var reader = new Utf8JsonReader(utf8, isWhole, default);
        if (!reader.Read())
            return isWhole ? GraphQlJudgement.Other : GraphQlJudgement.Unclear;
        if (reader.TokenType != JsonTokenType.StartObject)
            return GraphQlJudgement.Other; // a batch: some of it may have been done
        var isCredential = false;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
                return isCredential ? GraphQlJudgement.CredentialError : GraphQlJudgement.Other;
            var (isData, isErrors) = (reader.ValueTextEquals("data"), reader.ValueTextEquals("errors"));
            if (!reader.Read())
                return GraphQlJudgement.Unclear;
            if (isData && reader.TokenType != JsonTokenType.Null)
                return GraphQlJudgement.Other; // something was done, or read: never again
            if (isErrors && reader.TokenType == JsonTokenType.StartArray)
            {
                if (ReadErrors(ref reader, codes) is not { } found)
                    return GraphQlJudgement.Unclear;
                isCredential |= found;
            }
            else if (!reader.TrySkip())
            {
                return GraphQlJudgement.Unclear;
            }
        }
        return GraphQlJudgement.Unclear;
    }

    /// <returns>Whether one of them is a credential's; null when the list is not over yet.</returns>
    private static bool? ReadErrors(ref Utf8JsonReader reader, GraphQlCodes codes)
    {
        var list = reader;
        if (!list.TrySkip())
            return null;
        using var errors = JsonDocument.ParseValue(ref reader);
        foreach (var error in errors.RootElement.EnumerateArray())
            if (error.ValueKind == JsonValueKind.Object && error.TryGetProperty("extensions", out var extensions) && extensions.ValueKind == JsonValueKind.Object
                && (codes.Contains(Text(extensions, "errorCode")) || codes.Contains(Text(extensions, "code"))))
                return true;
        return false;
    }

    private static string? Text(JsonElement from, string name) => from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
