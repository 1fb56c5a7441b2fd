using OrgGateway.Configuration;

namespace OrgGateway.Oidc;

/// <summary>The configured providers, by name.</summary>
public sealed class IdentityProviders
{
    public const string Section = "Gateway:IdentityProviders";
    private const string DefaultSetting = "Gateway:DefaultIdentityProvider";

    private readonly Dictionary<string, IdentityProvider> _byName;

    /// <param name="defaultName">Null only with a single provider.</param>
    /// <param name="backchannel">Of <see cref="Backchannel.CreateClient"/>.</param>
    public IdentityProviders(
        IReadOnlyDictionary<string, IdentityProviderOptions> options, string? defaultName, Site site, HttpClient backchannel, TimeProvider time, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger<IdentityProvider>();
        // A redirect URI each: with one for all, a bad provider could have another's code sent to itself (RFC 9700 §4.4.2).
        _byName = options.ToDictionary(
            provider => provider.Key,
            provider => new IdentityProvider(
                provider.Key, provider.Value, site.AuthUrl(options.Count == 1 ? "/callback" : "/callback/" + provider.Key), backchannel, time, logger),
            StringComparer.Ordinal);
        Default = (defaultName is null ? _byName.Values.Single() : Find(defaultName))
            ?? throw new ArgumentException("There is no identity provider of this name.", nameof(defaultName));
    }

    public IdentityProvider Default { get; }
    public IEnumerable<IdentityProvider> All => _byName.Values;

    public IdentityProvider? Find(string name) => _byName.GetValueOrDefault(name);

    public static void Check(IReadOnlyDictionary<string, IdentityProviderOptions> options, string? defaultName, Site site, bool development, Faults faults)
    {
        if (options.Count == 0)
            faults.Add(Section, "missing; at least one identity provider belongs here");
        foreach (var (name, provider) in options)
        {
            if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                faults.Add($"{Section}:{name}", "a name has 1 to 64 letters, digits, '-' and '_'");
            provider.Check($"{Section}:{name}", site, development, faults);
        }

        if (defaultName is not null && !options.ContainsKey(defaultName))
            faults.Add(DefaultSetting, $"'{defaultName}' is not among {Section}");
        else if (defaultName is null && options.Count > 1)
            faults.Add(DefaultSetting, $"missing; with several identity providers one of {string.Join(", ", options.Keys.Order(StringComparer.Ordinal))} belongs here");
    }
}
