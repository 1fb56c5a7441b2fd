using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;

namespace OrgGateway.Logs;

/// <summary>One line for people: time, level, category, event id, message.</summary>
internal sealed class TextLines(Redaction redaction) : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output)
    {
        var id = LogText.EventOf(logEvent)?.Id ?? 0;
        var line = $"{LogText.Message(logEvent)}{(logEvent.Exception is { } exception ? " " + exception : "")}";
        output.Write(logEvent.Timestamp.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ ", CultureInfo.InvariantCulture));
        output.Write(LogText.ShortLevel(logEvent.Level));
        output.Write(": ");
        output.Write(LogText.Category(logEvent));
        output.Write(string.Create(CultureInfo.InvariantCulture, $"[{id}] "));
        output.Write(OneLine(redaction.Clean(line)));
        output.Write('\n');
    }

    // A caller's line break would begin a log entry of its own making.
    private static string OneLine(string text) => text.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0
        ? text
        : string.Create(text.Length, text, static (line, from) =>
        {
            for (var i = 0; i < from.Length; i++)
                line[i] = from[i] < ' ' ? ' ' : from[i];
        });
}
