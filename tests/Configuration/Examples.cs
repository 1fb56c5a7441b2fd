using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Configuration;

internal static class Examples
{
    /// <summary>Relative to the repository.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [.. Directory.EnumerateFiles(Repository.PathOf("config/examples"), "*.json").Select(f => Path.GetRelativePath(Repository.Root, f)).Order(StringComparer.Ordinal)];
}
