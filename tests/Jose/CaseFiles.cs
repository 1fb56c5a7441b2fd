namespace OrgGateway.Tests.Jose;

/// <summary>The case files of a folder under <c>tests/Jose/data</c>: a new file is a new case.</summary>
internal static class CaseFiles
{
    public static TheoryData<string> In(string folder) =>
        new(Directory.EnumerateFiles(FolderPath(folder), "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order());

    public static byte[] Read(string folder, string name) => File.ReadAllBytes(Path.Combine(FolderPath(folder), name + ".json"));

    private static string FolderPath(string folder) => Path.Combine(AppContext.BaseDirectory, "Jose", "data", folder);
}
