namespace OrgGateway.Tests.Servers;

/// <summary>The checkout that the running tests were built from.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "OrgGateway.sln"))) return folder.FullName;
        throw new InvalidOperationException($"no OrgGateway.sln above {AppContext.BaseDirectory}");
    }
}
