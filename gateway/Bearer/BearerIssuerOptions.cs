using System.Text;
using OrgGateway.Configuration;
using OrgGateway.Identities;
using OrgGateway.Jose;
using OrgGateway.Oidc;

namespace OrgGateway.Bearer;

/// <summary>One entry of <c>Gateway:BearerIssuers</c>: whose tokens are accepted on routes with <c>Credentials: bearer</c>, and what they must be like.</summary>
public sealed class BearerIssuerOptions
{
    public const string Section = "Gateway:BearerIssuers";
    internal const string SharedSecret = "HS256";
    private static readonly string[] DefaultAlgorithms = ["RS256", "PS256", "ES256"];

    /// <summary><c>iss</c> of the tokens. Without <see cref="JwksUrl"/>, <see cref="KeySetFile"/> or <see cref="Secret"/>, its OpenID Connect discovery document names the keys.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>What <c>aud</c> must contain, compared exactly. Required, here or in <see cref="Audiences"/>.</summary>
    public string? Audience { get; init; }

    /// <summary>More values of which one in <c>aud</c> is enough.</summary>
    public List<string>? Audiences { get; init; }

    /// <summary>Signature algorithms accepted. Default RS256, PS256, ES256; with <see cref="Secret"/> HS256 and no other.</summary>
    public List<string>? Algorithms { get; init; }

    /// <summary>URL of the key set, where it is not to be discovered. https; http on loopback or in Development.</summary>
    public string? JwksUrl { get; init; }

    /// <summary>File with the key set (RFC 7517 §5), for an issuer that is never asked. Read at start.</summary>
    public string? KeySetFile { get; init; }

    /// <summary>Secret shared with the issuer, for HS256: at least 32 bytes. Whoever knows it can make tokens.</summary>
    public string? Secret { get; init; }

    /// <summary>Longest life (<c>exp - iat</c>) of a token. 1 second to 30 days; default 1 hour.</summary>
    public TimeSpan MaxTokenAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Difference allowed between the issuer's clock and ours. 0 to 5 minutes; default 30 seconds.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Accept only <c>typ: at+jwt</c> (RFC 9068). Default false: <c>JWT</c> and none as well, unless the claims show another kind of token.</summary>
    public bool RequireAccessTokenType { get; init; }

    /// <summary>Whether tokens stand for people or programs: <c>Auto</c> (a program where <c>sub</c> is the client), <c>User</c> or <c>Service</c>.</summary>
    public BearerKind Kind { get; init; }

    /// <summary>The identity provider for whose organizations these tokens count; default <c>DefaultIdentityProvider</c>.</summary>
    public string? IdentityProvider { get; init; }

    /// <summary>The only organizations (slug or id) that these tokens may name; default all of <see cref="IdentityProvider"/>'s.</summary>
    public List<string>? Organizations { get; init; }

    /// <summary>Time for one request to the issuer. 100 milliseconds to 1 minute; default 5 seconds.</summary>
    public TimeSpan BackchannelTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time between two fetches of the keys on account of unknown key ids. 1 second to 1 hour; default 30 seconds.</summary>
    public TimeSpan KeyRefetchCooldown { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A product whose claims fill what is not set under <see cref="Claims"/>; the names are those of identity providers. Default none.</summary>
    public string? Preset { get; init; }

    /// <summary>Where the claims are, as for identity providers.</summary>
    public ClaimsOptions Claims { get; init; } = new();

    public IReadOnlyList<string> EffectiveAlgorithms() => Algorithms is { Count: > 0 } ? Algorithms : Secret is null ? DefaultAlgorithms : [SharedSecret];

    public IReadOnlyList<string> EffectiveAudiences() => [.. (Audiences ?? []).Concat(Audience is null ? [] : [Audience]).Where(a => a.Length > 0)];

    internal byte[] SecretBytes() => Encoding.UTF8.GetBytes(Secret ?? "");

    public void Check(string path, bool development, Faults faults)
    {
        faults.Require(path + ":Issuer", Issuer, "the iss of its tokens, such as https://issuer.example");
        if (EffectiveAudiences().Count == 0)
            // A token made for somebody else would be as good as ours (T67).
            faults.Add(path + ":Audience", "missing; what the issuer writes into aud for this gateway");
        var sources = new[] { JwksUrl, KeySetFile, Secret }.Count(s => s is not null);
        if (sources > 1)
            faults.Add(path, "JwksUrl, KeySetFile and Secret exclude each other: keys come from one place");
        if (sources == 0 && !string.IsNullOrWhiteSpace(Issuer) && !IsUrl(Issuer, development))
            faults.Add(path + ":Issuer", "is no https URL (http on loopback or in Development) to discover keys at; name JwksUrl, KeySetFile or Secret");
        if (JwksUrl is not null && !IsUrl(JwksUrl, development))
            faults.Add(path + ":JwksUrl", "is no https URL (http on loopback or in Development)");
        if (KeySetFile is not null && KeySet() is not { Keys.Count: > 0 })
            faults.Add(path + ":KeySetFile", "is no readable file with a JSON Web Key Set that has a usable key");
        CheckAlgorithms(path, faults);
        faults.Range(path + ":MaxTokenAge", MaxTokenAge, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        faults.Range(path + ":ClockSkew", ClockSkew, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        faults.Range(path + ":BackchannelTimeout", BackchannelTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        faults.Range(path + ":KeyRefetchCooldown", KeyRefetchCooldown, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        if (Preset is not null && !Oidc.Preset.IsKnown(Preset))
            faults.Add(path + ":Preset", ShapeCheck.Unknown(Preset, [.. Oidc.Preset.Names]));
        Claims.Check(path + ":Claims", faults);
    }

    internal JsonWebKeySet? KeySet()
    {
        try
        {
            return JsonWebKeySet.TryParse(File.ReadAllBytes(KeySetFile!));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private void CheckAlgorithms(string path, Faults faults)
    {
        foreach (var algorithm in EffectiveAlgorithms().Where(a => !Jws.Algorithms.Contains(a)))
            faults.Add(path + ":Algorithms", $"'{algorithm}' is unknown; allowed are {string.Join(", ", Jws.Algorithms.Order(StringComparer.Ordinal))}");
        var symmetric = EffectiveAlgorithms().Contains(SharedSecret);
        // Never both: a public key taken for a secret would let anybody sign (RFC 8725 §2.1).
        if (symmetric && (Secret is null || EffectiveAlgorithms().Count > 1))
            faults.Add(path + ":Algorithms", "HS256 stands alone and needs Secret");
        if (Secret is not null && !symmetric)
            faults.Add(path + ":Algorithms", "with Secret only HS256 can be checked");
        if (Secret is not null && SecretBytes().Length < JsonWebKey.MinSecretBytes)
            faults.Add(path + ":Secret", $"shorter than {JsonWebKey.MinSecretBytes} bytes (RFC 7518 §3.2)");
    }

    private static bool IsUrl(string text, bool development) => Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url.UserInfo.Length == 0 && url.Fragment.Length == 0 && (url.Scheme == "https" || (url.Scheme == "http" && (url.IsLoopback || development)));
}

/// <summary>What the tokens of an issuer stand for.</summary>
public enum BearerKind
{
    Auto,
    User,
    Service,
}
