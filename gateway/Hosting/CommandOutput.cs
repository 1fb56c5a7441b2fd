using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrgGateway.Hosting;

/// <summary>What commands print: a table for people, or one JSON document for scripts.</summary>
public static class CommandOutput
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static void Json<T>(T value) => Console.WriteLine(JsonSerializer.Serialize(value, Indented));

    public static void Table(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<object?>> rows)
    {
        var cells = rows.Select(row => row.Select(Text).ToArray()).Prepend([.. columns]).ToArray();
        var widths = Enumerable.Range(0, columns.Count).Select(i => cells.Max(row => row[i].Length)).ToArray();
        foreach (var row in cells)
            Console.WriteLine(string.Join("  ", row.Select((cell, i) => i == row.Length - 1 ? cell : cell.PadRight(widths[i]))).TrimEnd());
    }

    /// <summary>One value a line, for a single thing; what is empty is left out.</summary>
    public static void Fields(params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        foreach (var (name, value) in fields)
            if (value is not null && Text(value) is { Length: > 0 } text)
                Console.WriteLine($"{name,-14}{text}");
    }

    // A name of somebody else's making must not move the cursor of a terminal.
    private static string Text(object? value)
    {
        var text = value switch
        {
            null => "-",
            DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ssZ", CultureInfo.InvariantCulture),
            TimeSpan span => span.ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture),
            IEnumerable<string> many => string.Join(", ", many),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
        return string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
    }
}
