using System.Text;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>JSON like a sample, with members left out, said twice, renamed and of other kinds; each character one byte.</summary>
internal sealed class JsonGrammar(params string[] samples)
{
    private readonly JsonNode?[] _samples = [.. samples.Select(sample => JsonNode.Parse(sample, documentOptions: new() { CommentHandling = System.Text.Json.JsonCommentHandling.Skip, AllowTrailingCommas = true }))];

    /// <summary>Texts that stand for others at times, beside those that fit nowhere.</summary>
    public IReadOnlyList<string> Values { get; init; } = ["a"];

    /// <param name="calm">How many members stay as they are for each that does not.</param>
    public string Text(SeededNumbers numbers, int calm = 20)
    {
        var text = new StringBuilder();
        Write(text, numbers.Of(_samples), numbers, calm, depth: 0);
        return text.ToString();
    }

    private void Write(StringBuilder text, JsonNode? node, SeededNumbers numbers, int calm, int depth)
    {
        if (numbers.OneIn(calm * (depth == 0 ? 4 : 1)))
            WriteAny(text, numbers, depth);
        else if (node is JsonObject members)
            WriteObject(text, members, numbers, calm, depth);
        else if (node is JsonArray items)
            WriteArray(text, items, numbers, calm, depth);
        else
            text.Append(node?.ToJsonString() ?? "null");
    }

    private void WriteObject(StringBuilder text, JsonObject members, SeededNumbers numbers, int calm, int depth)
    {
        text.Append('{');
        var first = true;
        foreach (var (name, value) in members)
            for (var times = numbers.OneIn(calm) ? 2 * numbers.Next(2) : 1; times > 0; times--)
            {
                text.Append(first ? "" : ",");
                first = false;
                WriteString(text, numbers.OneIn(calm * 2) ? Odd(name, numbers) : name);
                text.Append(numbers.OneIn(200) ? " : " : ":");
                Write(text, value, numbers, calm, depth + 1);
            }
        if (numbers.OneIn(calm))
        {
            text.Append(first ? "" : ",");
            WriteString(text, numbers.Of(Words.Json).Trim('"'));
            text.Append(':');
            WriteAny(text, numbers, depth + 1);
        }
        text.Append('}');
    }

    private void WriteArray(StringBuilder text, JsonArray items, SeededNumbers numbers, int calm, int depth)
    {
        text.Append('[');
        var first = true;
        foreach (var item in items)
            for (var times = numbers.OneIn(calm) ? numbers.Next(4) : 1; times > 0; times--)
            {
                text.Append(first ? "" : ",");
                first = false;
                Write(text, item, numbers, calm, depth + 1);
            }
        text.Append(']');
    }

    private void WriteAny(StringBuilder text, SeededNumbers numbers, int depth)
    {
        switch (numbers.Next(depth > 20 ? 6 : 9))
        {
            case 0:
                text.Append(numbers.Of(["true", "false", "null"]));
                break;
            case 1:
                text.Append(numbers.Of(["0", "-1", "1e308", "1E-400", "9223372036854775807", "18446744073709551616", "253402300799", "253402300800", "1767225600.5", "-0.0", "01", ".5"]));
                break;
            case 2 or 3:
                WriteString(text, numbers.OneIn(2) ? numbers.Of(Values) : Odd(numbers.Of(Values), numbers));
                break;
            case 4:
                WriteString(text, new string('x', numbers.Of([255, 256, 257, 4096])));
                break;
            case 5:
                text.Append(numbers.Of(Words.Json)); // no JSON, mostly
                break;
            case 6:
                text.Append('[');
                WriteAny(text, numbers, depth + 1);
                text.Append(']');
                break;
            case 7:
                text.Append("{\"").Append(numbers.Of(["a", "id", "active", "sub", "iss"])).Append("\":");
                WriteAny(text, numbers, depth + 1);
                text.Append('}');
                break;
            default:
                Write(text, numbers.Of(_samples), numbers, 5, depth + 5);
                break;
        }
    }

    private static string Odd(string text, SeededNumbers numbers) => text.Insert(numbers.Next(text.Length + 1), numbers.Of(Words.Odd));

    // Quotes and backslashes of odd words stay bare at times: then it is no JSON.
    private static void WriteString(StringBuilder text, string value) => text.Append('"').Append(value).Append('"');
}
