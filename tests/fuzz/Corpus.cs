using System.Security.Cryptography;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Fuzz;

/// <summary>The kept inputs of one target: a file each, tried before all others on every run.</summary>
internal sealed class Corpus(string target)
{
    private readonly string _folder = Repository.PathOf($"tests/fuzz/corpus/{target}");

    /// <summary>In an order that does not depend on the machine.</summary>
    public byte[][] Read() => Directory.Exists(_folder)
        ? [.. Directory.EnumerateFiles(_folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)]
        : [];

    /// <returns>The file's name.</returns>
    public string Keep(byte[] input, string kind)
    {
        Directory.CreateDirectory(_folder);
        var name = $"{kind}-{Convert.ToHexStringLower(SHA256.HashData(input))[..12]}";
        File.WriteAllBytes(Path.Combine(_folder, name), input);
        return Path.Combine("tests/fuzz/corpus", target, name);
    }
}
