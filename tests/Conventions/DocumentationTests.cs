using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Conventions;

/// <summary>What the documentation must say, and that its links lead somewhere.</summary>
public sealed class DocumentationTests
{
    [Fact, Trait("Row", "S42")]
    public void The_readme_says_what_lives_at_the_identity_provider()
    {
        var readme = File.ReadAllText(Repository.PathOf("README.md"));
        foreach (var what in new[] { "**SAML**", "**Magic links**", "**MFA**", "**Passwordless**" })
            Assert.Contains(what, readme, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_between_documents_lead_to_files()
    {
        var broken = new List<string>();
        foreach (var file in new[] { "README.md", "CONTRIBUTING.md", "SECURITY.md" }.Concat(Directory.EnumerateFiles(Repository.PathOf("gateway/docs"), "*.md", SearchOption.AllDirectories)))
        {
            var path = Path.IsPathRooted(file) ? file : Repository.PathOf(file);
            foreach (var link in File.ReadAllText(path).Split("](").Skip(1).Select(rest => rest.Split(')')[0].Split('#')[0]).Where(link => link.Length > 0 && !link.Contains("://", StringComparison.Ordinal) && !link.Contains(' ')))
                if (!Path.Exists(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, link))))
                    broken.Add($"{Path.GetRelativePath(Repository.Root, path)}: {link}");
        }
        Assert.Empty(broken);
    }
}
