using System.Globalization;
using System.Text;
using Label = System.Collections.Generic.KeyValuePair<string, object?>;

namespace OrgGateway.Telemetry;

/// <summary>Writes what a <see cref="MetricsCollector"/> keeps in Prometheus' text format, version 0.0.4.</summary>
public static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";
    private const int LongestValue = 128;

    public static string Of(MetricsCollector collector)
    {
        var text = new StringBuilder(16 * 1024);
        collector.Read(instruments =>
        {
            foreach (var metric in instruments.GroupBy(i => MetricName.Of(i.Instrument.Name, i.Instrument.Unit, i.Kind), StringComparer.Ordinal).OrderBy(m => m.Key, StringComparer.Ordinal))
                Write(text, metric.Key, [.. metric]);
        });
        return text.ToString();
    }

    private static void Write(StringBuilder text, string name, IReadOnlyList<InstrumentSeries> instruments)
    {
        var kind = instruments[0].Kind;
        // The same name may have been made twice (two meters of one name); a line may stand there once.
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (var instrument in instruments.Where(i => i.Kind == kind))
        {
            foreach (var (labels, series) in instrument.All())
            {
                var shown = Labels(labels);
                if (!written.Add(shown))
                    continue;
                if (written.Count == 1)
                    Head(text, name, kind, instrument.Instrument.Description);
                if (kind == MetricKind.Histogram)
                    WriteHistogram(text, name, shown, instrument.Bounds!, series);
                else
                    Line(text, name, shown, Number(series.Value));
            }
        }
    }

    private static void Head(StringBuilder text, string name, MetricKind kind, string? description)
    {
        var help = string.IsNullOrWhiteSpace(description) ? name.Replace('_', ' ') : description.Replace("\\", "\\\\", StringComparison.Ordinal).ReplaceLineEndings(" ");
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(kind switch { MetricKind.Counter => "counter", MetricKind.Histogram => "histogram", _ => "gauge" }).Append('\n');
    }

    private static void WriteHistogram(StringBuilder text, string name, string labels, double[] bounds, Series series)
    {
        var total = 0L;
        var buckets = series.Buckets();
        for (var i = 0; i < buckets.Length; i++)
        {
            total += buckets[i];
            var le = "le=\"" + (i < bounds.Length ? Number(bounds[i]) : "+Inf") + "\"";
            Line(text, name + "_bucket", labels.Length == 0 ? le : labels + "," + le, Number(total));
        }
        Line(text, name + "_sum", labels, Number(series.Value));
        Line(text, name + "_count", labels, Number(total));
    }

    private static void Line(StringBuilder text, string name, string labels, string value)
    {
        text.Append(name);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(value).Append('\n');
    }

    private static string Labels(Label[] labels)
    {
        if (labels.Length == 0)
            return "";
        var text = new StringBuilder();
        foreach (var (name, value) in labels.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            if (text.Length > 0)
                text.Append(',');
            text.Append(MetricName.Label(name)).Append("=\"").Append(Escaped(value)).Append('"');
        }
        return text.ToString();
    }

    private static string Escaped(object? value)
    {
        var text = value switch
        {
            null => "",
            bool flag => flag ? "true" : "false",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
        return (text.Length > LongestValue ? text[..LongestValue] : text)
            .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture) switch
    {
        "Infinity" or "∞" => "+Inf",
        "-Infinity" or "-∞" => "-Inf",
        var text => text,
    };
}
