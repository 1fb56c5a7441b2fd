using System.Text.Json;
using Microsoft.Extensions.Configuration.Json;

namespace OrgGateway.Configuration;

/// <summary>
/// A file of settings that is read again when it changes. One that cannot be read then says so, and nothing is taken over while it
/// cannot: the framework's provider forgets it, and with the next change of another layer whatever it restricted would be gone.
/// </summary>
public sealed class SettingsFile : JsonConfigurationProvider
{
    private static readonly JsonDocumentOptions Tolerant = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private volatile string? _unreadable;
    private bool _wasRead;

    public SettingsFile(SettingsFileSource source)
        : base(source)
    {
        File = source.File;
        source.OnLoadException = context =>
        {
            context.Ignore = _wasRead; // else it stops the start
            _unreadable = $"could not be read. {context.Exception.Message} {context.Exception.InnerException?.Message}".TrimEnd();
        };
    }

    public string File { get; }

    /// <summary>Why the file as it stands now is no layer; null where it is one.</summary>
    public string? Fault => !Source.Optional && !System.IO.File.Exists(File) ? "does not exist any more" : _unreadable;

    public override void Load(Stream stream)
    {
        using var text = new MemoryStream();
        stream.CopyTo(text);
        var bytes = text.ToArray();
        base.Load(new MemoryStream(bytes));
        (_wasRead, _unreadable) = (true, null);
        if (!Data.Values.Any(value => value is null))
            return;
        using var document = JsonDocument.Parse(bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes.AsMemory(3) : bytes, Tolerant);
        KeepEmptySections(document.RootElement, "");
    }

    // { "acme": {} } is an organization that says nothing of itself; the framework reads it as null, which takes a setting back.
    private void KeepEmptySections(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return;
        foreach (var property in element.EnumerateObject())
        {
            var key = path.Length == 0 ? property.Name : ConfigurationPath.Combine(path, property.Name);
            if (property.Value.ValueKind == JsonValueKind.Object && !property.Value.EnumerateObject().Any())
                Data[key] = "";
            else
                KeepEmptySections(property.Value, key);
        }
    }
}
