using System.Text;
using OrgGateway.Configuration;
using OrgGateway.Jose;

namespace OrgGateway.Oidc;

/// <summary>Whether the UserInfo endpoint is asked at sign-in: <c>Auto</c> where the provider has one, or <c>Off</c>.</summary>
public enum UserInfoUse
{
    Auto,
    Off,
}

/// <summary>Whether authorization requests are pushed (RFC 9126 §5).</summary>
public enum PushedAuthorizationUse
{
    Auto,
    Require,
    Off,
}

/// <summary>One entry of <c>Gateway:IdentityProviders</c>: an OpenID provider and the client that the gateway is there.</summary>
[Reserved("Directory")]
public sealed class IdentityProviderOptions
{
    internal const string FormPost = "form_post";
    private const int LongestIdToken = 128 * 1024;
    private const string Query = "query";
    private const string NotYet = "not available in this version";
    private static readonly string[] DefaultScopes = ["openid", "profile", "email", "offline_access"];
    private static readonly string[] DefaultAlgorithms = ["RS256", "PS256", "ES256"];

    /// <summary>A product (<see cref="Oidc.Preset.Names"/>) whose ways fill what is not set here. Default none.</summary>
    public string? Preset { get; init; }

    /// <summary>Name on the sign-in page, where there are several providers. Default the name of the entry.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The provider's issuer identifier (OpenID Connect Discovery 1.0 §3): https; http on loopback, or in Development.</summary>
    public string Issuer { get; init; } = "";

    public string ClientId { get; init; } = "";
    public string? ClientSecret { get; init; }

    /// <summary><c>client_secret_basic</c> (default), <c>client_secret_post</c>, <c>private_key_jwt</c> (RFC 7523) or <c>none</c>.</summary>
    public string ClientAuthentication { get; init; } = Oidc.ClientAuthentication.Basic;

    /// <summary>File with the private key of <c>private_key_jwt</c>: RSA of 2048 bits or more, or EC, unencrypted PEM (PKCS#8).</summary>
    public string? SigningKeyFile { get; init; }

    /// <summary>Key id (<c>kid</c>) under which the provider knows that key; default its thumbprint (RFC 7638), as <c>check</c> prints it.</summary>
    public string? SigningKeyId { get; init; }

    /// <summary>RS256, PS256, ES256, ES384 or ES512; default that of the key's curve, RS256 for RSA.</summary>
    public string? SigningAlgorithm { get; init; }

    /// <summary>
    /// Pushed authorization requests (RFC 9126): <c>Auto</c> (default) where the provider has an endpoint for them, <c>Require</c>, or <c>Off</c>.
    /// </summary>
    public PushedAuthorizationUse PushedAuthorization { get; init; }

    /// <summary>Default: openid, profile, email, offline_access. See <see cref="EffectiveScopes"/>.</summary>
    public List<string>? Scopes { get; init; }

    /// <summary>Default: RS256, PS256, ES256; best exactly the registered one. See <see cref="EffectiveIdTokenAlgorithms"/>.</summary>
    public List<string>? IdTokenAlgorithms { get; init; }

    /// <summary>Audiences an ID Token may have beside the client id; default none, so that any other refuses it.</summary>
    public List<string>? TrustedAudiences { get; init; }

    /// <summary>
    /// Binds tokens to a key of each session (DPoP, RFC 9449): the refresh and access token are worth nothing to a thief at the provider. An
    /// app that gets the user's token gets it without a proof. Default false.
    /// </summary>
    public bool DPoP { get; init; }

    /// <summary>How the answer comes back: <c>query</c> (default), or <c>form_post</c>, which keeps codes out of URLs.</summary>
    public string ResponseMode { get; init; } = Query;

    internal bool PostsBack => ResponseMode == FormPost;

    public UserInfoUse UserInfo { get; init; }

    /// <summary>Algorithm of signed UserInfo answers, where they are agreed on: others are discarded then. Default null: plain JSON.</summary>
    public string? UserInfoAlgorithm { get; init; }

    /// <summary>Whether tokens are revoked at the provider when their session is signed out (RFC 7009), where it can. Default true.</summary>
    public bool RevokeTokensAtLogout { get; init; } = true;

    /// <summary>Time a browser has from the redirect to the provider until it is back. 1 second to 1 hour; default 5 minutes.</summary>
    public TimeSpan SignInTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time for one request to the provider, body included. 100 milliseconds to 1 minute; default 5 seconds.</summary>
    public TimeSpan BackchannelTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Life of an access token whose answer does not say. 10 seconds to 1 day; default 5 minutes.</summary>
    public TimeSpan DefaultTokenLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Difference allowed between the provider's clock and ours. 0 to 5 minutes; default 1 minute.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Age above which an ID Token is refused although it has not expired. 1 minute to 1 day; default 10 minutes.</summary>
    public TimeSpan MaxIdTokenAge { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Longest ID Token, and signed UserInfo answer, in characters. One that names hundreds of organizations is longer than the default; where the
    /// provider can, let UserInfo name them. 16,384 to 131,072; default 16,384.
    /// </summary>
    public int MaxIdTokenLength { get; init; } = Jose.Jws.MaxTokenLength;

    /// <summary>How long before its end an access token is refreshed. 0 to 1 hour; default 1 minute.</summary>
    public TimeSpan RefreshBefore { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a session outlives its access token while the provider does not answer: requests that need the token get 503 meanwhile, and
    /// the session goes on once the provider is back. 0 to 90 days; default 1 day.
    /// </summary>
    public TimeSpan OutageGrace { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Time between two fetches of the provider's keys on account of unknown key ids. 1 second to 1 hour; default 30 seconds.</summary>
    public TimeSpan KeyRefetchCooldown { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Try every fitting key for a token without key id, instead of refusing it when there are several. Default false.</summary>
    public bool TryAllKeysWithoutKid { get; init; }

    /// <summary>Accept only logout tokens whose <c>typ</c> is <c>logout+jwt</c> (Back-Channel Logout §2.4); many providers send none, or <c>JWT</c>. Default false.</summary>
    public bool RequireLogoutTokenType { get; init; }

    /// <summary>Accept <c>iss</c> of a callback, if it is the right one, from a provider that does not announce it (RFC 9207 §2.4). Default false.</summary>
    public bool AllowUnannouncedIss { get; init; }

    /// <summary>
    /// Let the provider begin logins: by a signed <c>idp_initiated_login</c>, or by a callback that nobody asked for, whose code is thrown
    /// away before a login of our own begins. Default false.
    /// </summary>
    public bool IdpInitiatedLogin { get; init; }

    public ClaimsOptions Claims { get; init; } = new();
    public AuthorizeOptions Authorize { get; init; } = new();
    public MintOptions Mint { get; init; } = new();

    public IReadOnlyList<string> EffectiveScopes() => Scopes is { Count: > 0 } ? Scopes : DefaultScopes;

    public IReadOnlyList<string> EffectiveIdTokenAlgorithms() => IdTokenAlgorithms is { Count: > 0 } ? IdTokenAlgorithms : DefaultAlgorithms;

    public void Check(string path, Site site, bool development, Faults faults)
    {
        if (Preset is not null && !Oidc.Preset.IsKnown(Preset))
            faults.Add(path + ":Preset", ShapeCheck.Unknown(Preset, [.. Oidc.Preset.Names]));
        CheckIssuer(path + ":Issuer", site, development, faults);
        faults.Require(path + ":ClientId", ClientId, "the client id registered at the provider");
        CheckClientAuthentication(path, faults);
        CheckScopes(path + ":Scopes", faults);
        CheckAlgorithms(path + ":IdTokenAlgorithms", faults);
        if (UserInfoAlgorithm is { } signed)
            CheckAlgorithm(path + ":UserInfoAlgorithm", signed, faults);
        if (ResponseMode is not (Query or FormPost))
            faults.Add(path + ":ResponseMode", $"'{ResponseMode}' is unknown; allowed are {Query}, {FormPost}");
        faults.Range(path + ":SignInTimeout", SignInTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        faults.Range(path + ":BackchannelTimeout", BackchannelTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        faults.Range(path + ":DefaultTokenLifetime", DefaultTokenLifetime, TimeSpan.FromSeconds(10), TimeSpan.FromDays(1));
        faults.Range(path + ":ClockSkew", ClockSkew, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        faults.Range(path + ":MaxIdTokenLength", MaxIdTokenLength, Jose.Jws.MaxTokenLength, LongestIdToken);
        faults.Range(path + ":MaxIdTokenAge", MaxIdTokenAge, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1));
        faults.Range(path + ":RefreshBefore", RefreshBefore, TimeSpan.Zero, TimeSpan.FromHours(1));
        faults.Range(path + ":OutageGrace", OutageGrace, TimeSpan.Zero, TimeSpan.FromDays(90));
        faults.Range(path + ":KeyRefetchCooldown", KeyRefetchCooldown, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Claims.Check(path + ":Claims", faults);
        Authorize.Check(path + ":Authorize", faults);
        Mint.Check(path + ":Mint", faults);
    }

    private void CheckIssuer(string path, Site site, bool development, Faults faults)
    {
        faults.Require(path, Issuer, "the provider's issuer, such as https://id.example.com");
        if (string.IsNullOrWhiteSpace(Issuer))
            return;
        if (!Uri.TryCreate(Issuer, UriKind.Absolute, out var issuer) || issuer.Scheme is not ("https" or "http")
            || issuer.UserInfo.Length > 0 || Issuer.AsSpan().IndexOfAny('?', '#') >= 0)
        {
            faults.Add(path, "is no absolute https URL without user, query and fragment");
            return;
        }

        if (issuer.Scheme != "http")
            return;
        if (!issuer.IsLoopback && !development)
            faults.Add(path, "is plain http; allowed are https, and http on loopback or in Development");
        else if (site.IsHttps)
            faults.Warn(path, "is plain http: whoever can answer on that connection can sign in as anybody");
    }

    private void CheckClientAuthentication(string path, Faults faults)
    {
        switch (ClientAuthentication)
        {
            case Oidc.ClientAuthentication.Basic or Oidc.ClientAuthentication.Post:
                faults.Require(path + ":ClientSecret", ClientSecret, $"{ClientAuthentication} needs it");
                break;
            case Oidc.ClientAuthentication.None:
                break;
            case Oidc.ClientAuthentication.PrivateKeyJwt:
                ClientKey.Check(this, path, faults);
                break;
            default:
                faults.Add(path + ":ClientAuthentication", "unknown; allowed are client_secret_basic, client_secret_post, private_key_jwt, none");
                break;
        }
        if (SigningKeyFile is { Length: > 0 } && ClientAuthentication != Oidc.ClientAuthentication.PrivateKeyJwt)
            faults.Warn(path + ":SigningKeyFile", $"not used: ClientAuthentication is {ClientAuthentication}, not {Oidc.ClientAuthentication.PrivateKeyJwt}");
    }

    private void CheckScopes(string path, Faults faults)
    {
        foreach (var scope in EffectiveScopes())
            if (scope.Length == 0 || scope.Any(c => c is <= ' ' or > '~' or '"' or '\\'))
                faults.Add(path, "a scope is one word of visible ASCII characters (RFC 6749 §3.3)");
        // Without openid the answer holds no ID Token: plain OAuth proves nobody's identity (Core §3.1.2.1).
        if (!EffectiveScopes().Contains("openid"))
            faults.Add(path, "openid is missing");
    }

    private void CheckAlgorithms(string path, Faults faults)
    {
        foreach (var algorithm in EffectiveIdTokenAlgorithms())
            CheckAlgorithm(path, algorithm, faults);
    }

    private void CheckAlgorithm(string path, string algorithm, Faults faults)
    {
        if (!Jws.Algorithms.Contains(algorithm))
            faults.Add(path, $"'{algorithm}' is unknown; allowed are {string.Join(", ", Jws.Algorithms.Order(StringComparer.Ordinal))}");
        else if (algorithm == ProviderSignatures.SymmetricAlgorithm && SecretBytes().Length < JsonWebKey.MinSecretBytes)
            faults.Add(path, $"HS256 takes the ClientSecret as its key, which then has at least {JsonWebKey.MinSecretBytes} bytes");
    }

    /// <summary>The key of HS256 (OpenID Connect Core §10.1).</summary>
    internal byte[] SecretBytes() => Encoding.UTF8.GetBytes(ClientSecret ?? "");
}
