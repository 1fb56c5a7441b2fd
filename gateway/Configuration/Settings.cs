namespace OrgGateway.Configuration;

/// <summary>
/// Settings that know their children: the framework's providers look at every key whenever a section is asked for its own, which with ten
/// thousand organizations or routes is most of a minute at a start.
/// </summary>
public abstract class Settings : ConfigurationProvider, IConfigurationSource
{
    // The path of no section: an empty one is that of a section without a name.
    private const string Root = "\0";
    private Dictionary<string, List<string>> _children = [];

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>They are given as a whole; the host's own have a place of their own.</summary>
    public override void Set(string key, string? value)
    {
    }

    public override IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath)
    {
        var own = _children.GetValueOrDefault(parentPath ?? Root) ?? [];
        var earlier = earlierKeys as IReadOnlyCollection<string> ?? [.. earlierKeys];
        return earlier.Count == 0 ? own : earlier.Concat(own).Order(ConfigurationKeyComparer.Instance);
    }

    /// <summary>Of one program's making, changed by nobody.</summary>
    public static IConfigurationRoot Of(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var kept = new Kept();
        kept.Take(new(settings, StringComparer.OrdinalIgnoreCase));
        return new ConfigurationBuilder().Add(kept).Build();
    }

    /// <summary>What all layers together say, later ones first; JSON null means "not set", which the binder would otherwise write over a default.</summary>
    protected static Dictionary<string, string?> Merge(IConfigurationRoot layers)
    {
        var merged = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var layer in layers.Providers)
            foreach (var key in KeysOf(layer))
                if (layer.TryGet(key, out var value) && value is not null)
                    merged[key] = value;
                else
                    merged.Remove(key);
        return merged;
    }

    protected void Take(Dictionary<string, string?> settings)
    {
        var children = new Dictionary<string, HashSet<string>>(StringComparer.OrdinalIgnoreCase);
        foreach (var key in settings.Keys)
            for (var (start, end) = (0, 0); end >= 0; start = end + 1)
            {
                end = key.IndexOf(ConfigurationPath.KeyDelimiter, start, StringComparison.Ordinal);
                var parent = start == 0 ? Root : key[..(start - 1)];
                if (!children.TryGetValue(parent, out var known))
                    children[parent] = known = new(StringComparer.OrdinalIgnoreCase);
                known.Add(end < 0 ? key[start..] : key[start..end]);
            }
        (_children, Data) = (children.ToDictionary(c => c.Key, c => c.Value.Order(ConfigurationKeyComparer.Instance).ToList(), StringComparer.OrdinalIgnoreCase), settings);
    }

    // The keys are what a provider shows to those that derive from it.
    private static IEnumerable<string> KeysOf(IConfigurationProvider layer) => layer is ConfigurationProvider provider
        ? ((IDictionary<string, string?>)typeof(ConfigurationProvider).GetProperty(nameof(Data), System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!.GetValue(provider)!).Keys
        : new ConfigurationRoot([layer]).AsEnumerable().Select(pair => pair.Key);

    private sealed class Kept : Settings;
}
