using Microsoft.Extensions.Configuration;
using OrgGateway.Configuration;
using OrgGateway.Oidc;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Oidc;

/// <summary>The provider side of the gateway, set up for one provider or several, with settings as an operator writes them.</summary>
internal sealed class RelyingParty : IDisposable
{
    public static readonly Site Site = new(new Uri("https://app.example.com"), [], "/auth");

    private readonly HttpClient _backchannel = Backchannel.CreateClient();

    public RelyingParty(HostileProvider provider, params (string Key, string? Value)[] settings)
        : this(provider.Clock, new() { ["main"] = Options([("Issuer", provider.Issuer), .. settings]) })
    {
    }

    public RelyingParty(FakeClock clock, Dictionary<string, IdentityProviderOptions> options)
    {
        Providers = new(options, options.Keys.First(), Site, _backchannel, clock, Logs);
        Tokens = new(_backchannel, clock, Logs.CreateLogger("tokens"));
        IdTokens = new(clock, Logs.CreateLogger("id tokens"));
        UserInfo = new(_backchannel, clock, Logs.CreateLogger("userinfo"));
    }

    public KeptLogs Logs { get; } = new();
    public IdentityProviders Providers { get; }
    public IdentityProvider Provider => Providers.Default!;
    public TokenClient Tokens { get; }
    public IdTokenValidator IdTokens { get; }
    public UserInfoClient UserInfo { get; }

    public static IdentityProviderOptions Options(params (string Key, string? Value)[] settings)
    {
        // With the suite on all cores a loopback answer can take a while; tests of slowness set their own.
        (string, string?)[] all =
            [("ClientId", HostileProvider.ClientId), ("ClientSecret", HostileProvider.ClientSecret), ("BackchannelTimeout", "00:00:30"), .. settings];
        var pairs = all.Select(setting => KeyValuePair.Create(setting.Item1, setting.Item2)).GroupBy(pair => pair.Key).Select(group => group.Last());
        return new ConfigurationBuilder().AddInMemoryCollection(pairs).Build().Get<IdentityProviderOptions>()!;
    }

    public Task<ProviderMetadata?> MetadataAsync() => Provider.GetMetadataAsync(CancellationToken.None);

    public Task<TokenAnswer> RedeemAsync(CancellationToken cancellationToken = default) =>
        Tokens.RedeemAsync(Provider, "a code", "a verifier", Provider.RedirectUri, null, cancellationToken);

    public Task<IdTokenResult> ValidateAsync(string idToken, IdTokenExpectation? expected = null) =>
        IdTokens.ValidateAsync(Provider, idToken, expected ?? new(), CancellationToken.None);

    public async Task<string> RefusalAsync(string idToken, IdTokenExpectation? expected = null) =>
        Assert.IsType<IdTokenResult.Refused>(await ValidateAsync(idToken, expected)).Reason;

    public async Task<IdToken> ValidAsync(string idToken, IdTokenExpectation? expected = null) =>
        Assert.IsType<IdTokenResult.Valid>(await ValidateAsync(idToken, expected)).Token;

    public void Dispose()
    {
        _backchannel.Dispose();
        Logs.Dispose();
    }
}
