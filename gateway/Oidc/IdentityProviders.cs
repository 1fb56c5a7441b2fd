using OrgGateway.Configuration;

namespace OrgGateway.Oidc;

/// <summary>The configured providers, by name.</summary>
public sealed class IdentityProviders
{
    public const string Section = "Gateway:IdentityProviders";
    private const string DefaultSetting = "Gateway:DefaultIdentityProvider";

    private readonly Dictionary<string, IdentityProvider> _byName;

    /// <param name="defaultName">Null only with a single provider, or none.</param>
    /// <param name="backchannel">Of <see cref="Backchannel.CreateClient"/>.</param>
    public IdentityProviders(
        IReadOnlyDictionary<string, IdentityProviderOptions> options, string? defaultName, Site site, HttpClient backchannel, TimeProvider time, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger<IdentityProvider>();
        // A redirect URI each: with one for all, a bad provider could have another's code sent to itself (RFC 9700 §4.4.2).
        _byName = options.ToDictionary(
            provider => provider.Key,
            provider => new IdentityProvider(
                provider.Key, provider.Value, RedirectUriOf(site, provider.Key, options.Count), backchannel, time, logger),
            StringComparer.Ordinal);
        Default = defaultName is null ? _byName.Values.SingleOrDefault() : Find(defaultName);
        if (Default is null && _byName.Count > 0)
            throw new ArgumentException("There is no identity provider of this name.", nameof(defaultName));
    }

    /// <summary>Null where there is none at all: a gateway for programs, where nobody signs in.</summary>
    public IdentityProvider? Default { get; }
    public IEnumerable<IdentityProvider> All => _byName.Values;

    /// <summary>What has to be registered at the provider.</summary>
    public static string RedirectUriOf(Site site, string name, int count) => site.AuthUrl(count == 1 ? "/callback" : "/callback/" + name);

    public IdentityProvider? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Programs bring tokens and keys of their own; people need somewhere to sign in.</summary>
    /// <param name="needed">Whether anything asks for a person.</param>
    public static void CheckAny(IReadOnlyDictionary<string, IdentityProviderOptions> options, bool needed, Faults faults)
    {
        if (options.Count > 0)
            return;
        if (needed)
            faults.Add(Section, "missing; at least one identity provider belongs here");
        else
            faults.Warn(Section, "none: nobody can sign in; programs and public routes are served");
    }

    public static void Check(IReadOnlyDictionary<string, IdentityProviderOptions> options, string? defaultName, Site site, bool development, Faults faults)
    {
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
