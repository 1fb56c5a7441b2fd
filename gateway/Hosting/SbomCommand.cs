using System.CommandLine;
using System.Text.Json;

namespace OrgGateway.Hosting;

/// <summary><c>sbom</c>: what this program is made of, as CycloneDX 1.6 JSON, from the dependency file it was published with.</summary>
public static class SbomCommand
{
    public static Command Create()
    {
        var command = new Command("sbom", "Prints the software bill of materials (CycloneDX 1.6 JSON)");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "OrgGateway.deps.json");
        if (!File.Exists(file))
        {
            Console.Error.WriteLine($"{file} is missing: it is published beside the program");
            return 1;
        }
        using var dependencies = JsonDocument.Parse(File.ReadAllBytes(file));
        using var output = Console.OpenStandardOutput();
        using var json = new Utf8JsonWriter(output, new() { Indented = true });
        json.WriteStartObject();
        json.WriteString("bomFormat", "CycloneDX");
        json.WriteString("specVersion", "1.6");
        json.WriteNumber("version", 1);
        json.WriteStartObject("metadata");
        json.WriteStartObject("component");
        json.WriteString("type", "application");
        json.WriteString("name", "OrgGateway");
        json.WriteString("version", typeof(SbomCommand).Assembly.GetName().Version!.ToString(3));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartArray("components");
        json.WriteStartObject();
        json.WriteString("type", "framework");
        json.WriteString("name", "Microsoft.AspNetCore.App");
        json.WriteString("version", Environment.Version.ToString(3));
        json.WriteEndObject();
        foreach (var library in dependencies.RootElement.GetProperty("libraries").EnumerateObject().OrderBy(l => l.Name, StringComparer.Ordinal))
            Write(json, library);
        json.WriteEndArray();
        json.WriteEndObject();
        return 0;
    }

    private static void Write(Utf8JsonWriter json, JsonProperty library)
    {
        var (name, version) = library.Name.Split('/') is [var n, var v] ? (n, v) : (library.Name, "");
        if (name == "OrgGateway")
            return;
        var isPackage = library.Value.GetProperty("type").GetString() == "package";
        json.WriteStartObject();
        json.WriteString("type", "library");
        json.WriteString("name", name);
        json.WriteString("version", version);
        if (isPackage)
            json.WriteString("purl", $"pkg:nuget/{name}@{version}");
        else
            json.WriteString("description", "Stand-in of this repository for the package of this name (docs/adr/0002)");
        if (library.Value.TryGetProperty("sha512", out var hash) && hash.GetString() is { Length: > 7 } text)
        {
            json.WriteStartArray("hashes");
            json.WriteStartObject();
            json.WriteString("alg", "SHA-512");
            json.WriteString("content", Convert.ToHexStringLower(Convert.FromBase64String(text["sha512-".Length..])));
            json.WriteEndObject();
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }
}
