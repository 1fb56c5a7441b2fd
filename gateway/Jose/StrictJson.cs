using System.Text.Json;
using System.Text.Unicode;

namespace OrgGateway.Jose;

/// <summary>JSON as two readers must agree on it: a document one reads otherwise than the next is refused.</summary>
internal static class StrictJson
{
    private static readonly JsonDocumentOptions Options = new()
    {
        MaxDepth = 16,

        // RFC 7519 §4: of two members with one name, each reader may pick another.
        AllowDuplicateProperties = false,
    };

    /// <returns>Whether it is an object. Every string in it can be read without an exception.</returns>
    public static bool TryParseObject(ReadOnlySpan<byte> utf8Json, out JsonElement value)
    {
        value = default;

        // The reader checks neither until a string is asked for, and then throws at whoever asks.
        if (!Utf8.IsValid(utf8Json) || !EscapesAreWhole(utf8Json))
            return false;

        try
        {
            value = JsonElement.Parse(utf8Json, Options);
            return value.ValueKind is JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Whether no string has half a surrogate pair. Walks the document only if it could.</summary>
    private static bool EscapesAreWhole(ReadOnlySpan<byte> utf8Json)
    {
        if (utf8Json.IndexOf("\\u"u8) < 0)
            return true;

        var reader = new Utf8JsonReader(utf8Json, new JsonReaderOptions { MaxDepth = Options.MaxDepth });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                    _ = reader.GetString();
            }

            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
