using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serilog.Events;
using Serilog.Formatting;

namespace OrgGateway.Logs;

/// <summary>One JSON object a line: <c>time</c>, <c>level</c>, <c>category</c>, <c>eventName</c>, <c>eventId</c>, <c>message</c>, the message's own values, <c>exception</c>.</summary>
internal sealed class JsonLines(Redaction redaction) : ITextFormatter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public void Format(LogEvent logEvent, TextWriter output)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("time", logEvent.Timestamp.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WriteString("level", LogText.LevelName(logEvent.Level));
            json.WriteString("category", LogText.Category(logEvent));
            if (LogText.EventOf(logEvent) is var (id, eventName))
            {
                if (eventName is not null)
                    json.WriteString("eventName", eventName);
                json.WriteNumber("eventId", id);
            }
            json.WriteString("message", redaction.Clean(LogText.Message(logEvent)));
            foreach (var (name, value) in logEvent.Properties)
                if (!LogText.IsOwn(name))
                    Write(json, KeyOf(name), value);
            if (logEvent.Exception is { } exception)
                json.WriteString("exception", redaction.Clean(exception.ToString()));
            json.WriteEndObject();
        }
        output.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        output.Write('\n');
    }

    // A message's own value never takes the place of a field that every entry has.
    private static string KeyOf(string name) => char.ToLowerInvariant(name[0]) + name[1..] is var key && (key is "time" or "level" or "category" or "eventName" or "eventId" or "message" or "exception") ? key + "_" : key;

    private void Write(Utf8JsonWriter json, string name, LogEventPropertyValue property)
    {
        switch (property)
        {
            case ScalarValue { Value: null }:
                return; // half of an audit event's fields are empty; a reader loses nothing
            case ScalarValue when Redaction.IsSecretName(name):
                json.WriteString(name, Redaction.Mask);
                break;
            case ScalarValue { Value: bool flag }:
                json.WriteBoolean(name, flag);
                break;
            case ScalarValue { Value: int or long or short or byte } number:
                json.WriteNumber(name, Convert.ToInt64(number.Value, CultureInfo.InvariantCulture));
                break;
            case ScalarValue { Value: DateTimeOffset time }:
                json.WriteString(name, time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
                break;
            case ScalarValue scalar:
                json.WriteString(name, redaction.Clean(Convert.ToString(scalar.Value, CultureInfo.InvariantCulture) ?? ""));
                break;
            default:
                json.WriteString(name, redaction.Clean(property.ToString(null, CultureInfo.InvariantCulture)));
                break;
        }
    }
}
