using System.Text.Json.Serialization;

namespace OrgGateway.Orgs;

/// <summary>An organization as the directory knows it.</summary>
/// <param name="Id">As claims name it.</param>
/// <param name="Slug">Its name in URLs now; null where the directory was only told of a slug by claims.</param>
public sealed record DirectoryEntry(string Id, string? Slug = null, string? Name = null);

/// <summary>Answer to a look-up. Without an entry: unknown, or, when not available, nobody can say right now.</summary>
public readonly record struct DirectoryAnswer(DirectoryEntry? Entry, bool IsAvailable)
{
    public static DirectoryAnswer Unknown => new(null, true);
    public static DirectoryAnswer Unavailable => new(null, false);
    public static DirectoryAnswer Found(DirectoryEntry entry) => new(entry, true);
}

/// <summary>What an operator says of an organization whose id is known.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DirectoryBody(string? Slug = null, string? Name = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DirectoryEntry))]
[JsonSerializable(typeof(DirectoryBody))]
public sealed partial class DirectoryJson : JsonSerializerContext;
