using System.Text;

namespace OrgGateway.Telemetry;

/// <summary>Instrument names as Prometheus wants them: snake case, the base unit in words, <c>_total</c> on counters alone.</summary>
internal static class MetricName
{
    public static string Of(string name, string? unit, MetricKind kind)
    {
        var text = Label(name);
        // On a gauge it would read as a histogram's own count.
        if (kind == MetricKind.Gauge && text.EndsWith("_count", StringComparison.Ordinal))
            text = text[..^"_count".Length] + "s";
        if (Unit(unit, kind) is { } word && !text.EndsWith("_" + word, StringComparison.Ordinal))
            text += "_" + word;
        return kind == MetricKind.Counter && !text.EndsWith("_total", StringComparison.Ordinal) ? text + "_total" : text;
    }

    /// <summary>A label's name; the names of metrics follow the same rule.</summary>
    public static string Label(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var c in name)
            text.Append(char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '_');
        if (text.Length == 0 || char.IsAsciiDigit(text[0]))
            text.Insert(0, '_');
        return text.ToString();
    }

    private static string? Unit(string? unit, MetricKind kind) => unit switch
    {
        "s" or "ms" => "seconds",
        "By" => "bytes",
        "1" when kind == MetricKind.Gauge => "ratio",
        _ => null, // {requests} and the like say what is counted, which the name says already
    };
}
