using System.Globalization;
using System.Text;
using Serilog.Events;
using Serilog.Parsing;

namespace OrgGateway.Logs;

/// <summary>What both formats take out of an event.</summary>
internal static class LogText
{
    public static string LevelName(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "trace",
        LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "information",
        LogEventLevel.Warning => "warning",
        LogEventLevel.Error => "error",
        _ => "critical",
    };

    public static string ShortLevel(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "trce",
        LogEventLevel.Debug => "dbug",
        LogEventLevel.Information => "info",
        LogEventLevel.Warning => "warn",
        LogEventLevel.Error => "fail",
        _ => "crit",
    };

    public static string Category(LogEvent logEvent) => Scalar(logEvent, "SourceContext") as string ?? "";

    public static (int Id, string? Name)? EventOf(LogEvent logEvent)
    {
        if (!logEvent.Properties.TryGetValue("EventId", out var property) || property is not StructureValue structure)
            return null;
        var id = structure.Properties.FirstOrDefault(p => p.Name == "Id")?.Value is ScalarValue { Value: int number } ? number : 0;
        return (id, (structure.Properties.FirstOrDefault(p => p.Name == "Name")?.Value as ScalarValue)?.Value as string);
    }

    /// <summary>Properties that have a place of their own.</summary>
    public static bool IsOwn(string name) => name is "SourceContext" or "EventId" or "{OriginalFormat}";

    /// <summary>The message without the quotation marks that Serilog puts around text, and with the secret of a telling name masked.</summary>
    public static string Message(LogEvent logEvent)
    {
        var text = new StringBuilder();
        foreach (var token in logEvent.MessageTemplate.Tokens)
        {
            if (token is not PropertyToken property || !logEvent.Properties.TryGetValue(property.PropertyName, out var value))
                text.Append(token);
            else if (Redaction.IsSecretName(property.PropertyName))
                text.Append(Redaction.Mask);
            else if (value is ScalarValue { Value: var scalar })
                text.Append(Convert.ToString(scalar, CultureInfo.InvariantCulture) ?? "(null)");
            else
                text.Append(value.ToString(null, CultureInfo.InvariantCulture));
        }
        return text.ToString();
    }

    private static object? Scalar(LogEvent logEvent, string name) => logEvent.Properties.TryGetValue(name, out var value) ? (value as ScalarValue)?.Value : null;
}
