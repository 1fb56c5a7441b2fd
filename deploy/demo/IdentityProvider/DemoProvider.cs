namespace OrgGateway.Demo.IdentityProvider;

/// <summary>
/// A small OpenID provider, real enough for a gateway to be run and tested against: state in memory, tokens signed for
/// true, people with the password <c>demo</c>. Not for anything else.
/// </summary>
public sealed class DemoProvider : IAsyncDisposable
{
    private readonly ProviderAddress _address = new();
    private readonly Registrations _registrations;
    private readonly SigningKeys _keys;
    private readonly Grants _grants;
    private readonly SsoSessions _sessions;
    private DemoServer? _server;
    private BackchannelLogout? _backchannel;
    private EndSessionEndpoint? _endSession;

    private DemoProvider(DemoProviderOptions options)
    {
        _registrations = new Registrations(options.Clients, options.Users);
        _keys = new SigningKeys(options.RetiredKeyLifetime, options.Clock);
        _grants = new Grants(options, Counters);
        _sessions = new SsoSessions(_address, options);
    }

    public string Issuer => _address.Issuer;

    public Faults Faults { get; } = new();

    public Counters Counters { get; } = new();

    public static async Task<DemoProvider> StartAsync(DemoProviderOptions options, CancellationToken cancellationToken)
    {
        var provider = new DemoProvider(options);
        try
        {
            provider._server = await DemoServer.StartAsync(options.Url, app => provider.Map(app, options), cancellationToken);
            provider._address.Issuer = options.Issuer ?? provider._server.Url.GetLeftPart(UriPartial.Authority);
            return provider;
        }
        catch
        {
            await provider.DisposeAsync();
            throw;
        }
    }

    /// <summary>Adds a client, or replaces the one with its id.</summary>
    public void Register(DemoClient client) => _registrations.Put(client);

    /// <summary>Adds an account, or replaces the one with its <c>sub</c>: the next ID token and userinfo answer say so.</summary>
    public void Put(DemoUser user) => _registrations.Put(user);

    /// <summary>A new key signs from here on; the one before stays published for a while.</summary>
    public void RotateKeys() => _keys.Rotate();

    /// <summary>Ends every grant of a person: refresh tokens get invalid_grant, userinfo 401.</summary>
    public void RevokeGrants(string sub) => _grants.RevokeAllOf(sub);

    /// <summary>Ends every session of a person at the provider and sends the logout tokens.</summary>
    public async Task EndSessionsAsync(string sub, CancellationToken cancellationToken)
    {
        foreach (var session in _sessions.Of(sub).ToList())
            await _endSession!.EndAsync(session, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _backchannel?.Dispose();
        _keys.Dispose();
    }

    private void Map(WebApplication app, DemoProviderOptions options)
    {
        var tokens = new TokenIssuer(_address, options, _registrations, _grants, _keys);
        var pending = new PendingSignIns(options);
        var guard = new FormGuard(_address);
        var authorize = new AuthorizeEndpoint(_address, options, _registrations, _sessions, _grants, pending);
        var signIn = new SignInPage(_registrations, pending, guard, _sessions, authorize, Counters);
        var token = new TokenEndpoint(_registrations, _grants, tokens, Faults, Counters);
        var userInfo = new UserInfoEndpoint(tokens);
        var discovery = new DiscoveryEndpoint(_address, _keys);
        _backchannel = new BackchannelLogout(
            _registrations, tokens, Counters, app.Services.GetRequiredService<ILogger<BackchannelLogout>>());
        _endSession = new EndSessionEndpoint(
            _address, _registrations, _sessions, _keys, guard, _backchannel, Counters, app.Lifetime);
        var style = new EmbeddedAsset("IdentityProvider", "provider.css", "text/css; charset=utf-8");

        RequestDelegate Faulty(RequestDelegate endpoint, Func<EndpointFault?> fault, Counter calls) =>
            Faults.Before(endpoint, fault, calls, options.Clock);

        app.MapGet("/.well-known/openid-configuration", Faulty(discovery.MetadataAsync, () => Faults.Discovery, Counters.Discovery));
        app.MapGet("/jwks", Faulty(discovery.JwksAsync, () => Faults.Jwks, Counters.Jwks));
        app.MapMethods("/authorize", ["GET", "POST"], Faulty(authorize.HandleAsync, () => null, Counters.Authorize));
        app.MapGet("/sign-in", signIn.ShowAsync);
        app.MapPost("/sign-in", signIn.SubmitAsync);
        app.MapPost("/token", Faulty(token.HandleAsync, () => Faults.Token, Counters.Token));
        app.MapMethods("/userinfo", ["GET", "POST"], Faulty(userInfo.HandleAsync, () => Faults.UserInfo, Counters.UserInfo));
        app.MapMethods("/end-session", ["GET", "POST"], _endSession.HandleAsync);
        app.MapGet("/assets/provider.css", style.ServeAsync);
        app.MapGet("/", context => new Page("Welcome", $"""
            <h1>Demo identity provider</h1>
            <p>Apps send people here to sign in. Nothing starts on this page.</p>
            <p><a href="/.well-known/openid-configuration">Provider metadata</a></p>
            """).WriteAsync(context, StatusCodes.Status200OK));
    }
}
