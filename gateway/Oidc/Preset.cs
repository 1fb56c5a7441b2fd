using System.Collections.Frozen;
using OrgGateway.Configuration;

namespace OrgGateway.Oidc;

/// <summary>
/// What is known of a product, as settings under an identity provider: how its claims name organizations, how a login is steered, how a
/// token for one organization is had. A preset stands below the configuration, so that every explicit value wins.
/// </summary>
public static class Preset
{
    private const string Setting = "Preset";
    private static readonly FrozenDictionary<string, IReadOnlyDictionary<string, string?>> All = Load();

    public static IEnumerable<string> Names => All.Keys.Order(StringComparer.Ordinal);

    public static bool IsKnown(string name) => All.ContainsKey(name);

    /// <summary>The configuration with the presets that its identity providers name.</summary>
    /// <param name="providers">Key of the section with the identity providers.</param>
    /// <param name="part">Key of the only part that counts there; null for all.</param>
    public static IConfiguration Beneath(IConfiguration configuration, string providers, string? part = null)
    {
        var filled = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var provider in configuration.GetSection(providers).GetChildren())
            if (provider[Setting] is { } name && All.TryGetValue(name, out var settings))
                foreach (var (key, value) in settings)
                    if ((part is null || key.StartsWith(part + ":", StringComparison.OrdinalIgnoreCase)) && !Answers(provider, key))
                        filled[provider.Path + ":" + key] = value;
        return filled.Count == 0 ? configuration : new ConfigurationBuilder().AddInMemoryCollection(filled).AddConfiguration(configuration).Build();
    }

    // A list is one answer: of a shorter one the preset's tail must not stay behind it.
    private static bool Answers(IConfigurationSection provider, string key)
    {
        var colon = key.LastIndexOf(':');
        var isItem = colon > 0 && key.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0;
        var section = provider.GetSection(isItem ? key[..colon] : key);
        return section.Value is not null || section.GetChildren().Any();
    }

    private static FrozenDictionary<string, IReadOnlyDictionary<string, string?>> Load()
    {
        const string Folder = "OrgGateway.Oidc.Presets.";
        var assembly = typeof(Preset).Assembly;
        return assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .ToFrozenDictionary(name => name[Folder.Length..^".json".Length], name =>
            {
                using var file = assembly.GetManifestResourceStream(name)!;
                return (IReadOnlyDictionary<string, string?>)new ConfigurationBuilder().AddJsonStream(file).Build().AsEnumerable()
                    .Where(pair => pair.Value is not null).ToDictionary(StringComparer.OrdinalIgnoreCase);
            }, StringComparer.OrdinalIgnoreCase);
    }
}
