using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Conventions;

public sealed class ArchitecturePageTests
{
    [Fact]
    public void Every_folder_of_the_gateway_stands_in_the_page_on_its_architecture()
    {
        var page = File.ReadAllText(Repository.PathOf("gateway/docs/architecture.md"));
        var folders = Directory.EnumerateDirectories(Repository.PathOf("gateway")).Select(folder => Path.GetFileName(folder)).Where(name => char.IsUpper(name[0]));
        Assert.DoesNotContain(folders, name => !page.Contains($"`{name}`", StringComparison.Ordinal));
    }
}
