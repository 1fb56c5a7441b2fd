using OrgGateway.Configuration;
using OrgGateway.Oidc;

namespace OrgGateway.Inlets;

/// <summary><c>Gateway:SharedSignals</c>: who may push security events to <c>/auth/events</c> (Shared Signals Framework 1.0). None by default.</summary>
public sealed class SharedSignalsOptions
{
    public const string Section = "Gateway:SharedSignals";

    /// <summary>By a name of the operator's choice.</summary>
    public Dictionary<string, TransmitterOptions> Transmitters { get; init; } = [];

    public void Check(IReadOnlyDictionary<string, IdentityProviderOptions> providers, bool development, Faults faults)
    {
        foreach (var (name, transmitter) in Transmitters)
            transmitter.Check($"{Section}:Transmitters:{name}", providers, development, faults);
        foreach (var twice in Transmitters.GroupBy(t => (t.Value.Issuer, t.Value.Audience)).Where(g => g.Count() > 1))
            faults.Add(Section + ":Transmitters", $"{string.Join(" and ", twice.Select(t => t.Key))} have one Issuer and Audience");
    }
}

/// <summary>One transmitter of security events.</summary>
public sealed class TransmitterOptions
{
    /// <summary>The <c>iss</c> of its events, byte for byte. Required.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>The <c>aud</c> its events have for this gateway, as agreed when the stream was made. Required.</summary>
    public string Audience { get; init; } = "";

    /// <summary>Where its keys are. Default: the <c>jwks_uri</c> of its SSF configuration document (<c>/.well-known/ssf-configuration</c>).</summary>
    public string? JwksUrl { get; init; }

    /// <summary>Whose subjects it may speak of: a name under <c>IdentityProviders</c>. Default: the one of the same issuer.</summary>
    public string? IdentityProvider { get; init; }

    /// <summary>Algorithms of its signatures. Default RS256, PS256, ES256.</summary>
    public List<string>? Algorithms { get; init; }

    public IReadOnlyList<string> EffectiveAlgorithms => Algorithms is { Count: > 0 } given ? given : ["RS256", "PS256", "ES256"];

    internal void Check(string setting, IReadOnlyDictionary<string, IdentityProviderOptions> providers, bool development, Faults faults)
    {
        faults.Require(setting + ":Issuer", Issuer, "the iss of the transmitter's events");
        faults.Require(setting + ":Audience", Audience, "the aud that its events have for this gateway");
        if (JwksUrl is null && Issuer.Length > 0)
            CheckUrl(setting + ":Issuer", Issuer, development, faults);
        if (JwksUrl is not null)
            CheckUrl(setting + ":JwksUrl", JwksUrl, development, faults);
        if (IdentityProvider is { } name && !providers.ContainsKey(name))
            faults.Add(setting + ":IdentityProvider", $"'{name}' is not under Gateway:IdentityProviders");
        else if (IdentityProvider is null && !providers.Values.Any(p => p.Issuer == Issuer))
            faults.Add(setting + ":IdentityProvider", "missing; no identity provider has this Issuer, so name the one whose subjects the events are about");
        foreach (var algorithm in EffectiveAlgorithms.Where(a => !Jose.Jws.Algorithms.Contains(a) || a.StartsWith("HS", StringComparison.Ordinal)))
            faults.Add(setting + ":Algorithms", $"'{algorithm}' is no signature algorithm of published keys");
    }

    private static void CheckUrl(string setting, string text, bool development, Faults faults)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || (url.Scheme != "https" && !(url.Scheme == "http" && (url.IsLoopback || development))))
            faults.Add(setting, "an https URL (http for loopback addresses and Development only)");
    }
}
