using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrgGateway.Configuration;
using OrgGateway.Hosting;
using OrgGateway.Sessions;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.Sessions;

namespace OrgGateway.Tests.Fuzz;

/// <summary>The whole gateway but its server: requests go into its first stage as objects, and its upstream is not there.</summary>
internal sealed class InProcessGateway : IAsyncDisposable
{
    public const string ScimToken = "a scim token of the fuzzers";
    public const string Audience = "https://gateway.test/events";
    public const string BearerIssuer = "https://tokens.example";
    public const string Origin = "http://localhost:8080";
    private readonly HostileProvider _provider = new() { SigningKey = ProviderKey.Ec("key-1"), Now = TimeProvider.System.GetUtcNow };
    private readonly BrokenRequests _broken = new();
    private WebApplication? _app;
    private LiveConfiguration<CheckedConfiguration>? _live;
    private RequestDelegate? _stages;
    private SessionId _session;

    /// <summary>The cookie of a session that is there.</summary>
    public string Session { get; private set; } = "";

    public HostileProvider Provider => _provider;

    public static async Task<InProcessGateway> StartAsync()
    {
        var gateway = new InProcessGateway();
        gateway._provider.PublishedKeys = [gateway._provider.SigningKey];
        await gateway._provider.InitializeAsync();
        await gateway.BuildAsync();
        return gateway;
    }

    /// <summary>One request to its end.</summary>
    /// <param name="address">Whose it is; limits count by it.</param>
    public HttpContext Send(RawRequest request, string address)
    {
        var context = request.ToContext(_app!.Services);
        context.Connection.RemoteIpAddress = System.Net.IPAddress.Parse(address);
        _stages!(context).GetAwaiter().GetResult();
        if (context.Response.StatusCode == 500)
            throw new FuzzViolation($"500 at {context.GetEndpoint()?.DisplayName}: {_broken.Take()}");
        return context;
    }

    /// <summary>Puts a session there again where an input has ended it.</summary>
    public void Renew()
    {
        var sessions = _app!.Services.GetRequiredService<SessionStore>();
        if (Session.Length > 0 && sessions.FindAsync(_session, CancellationToken.None).AsTask().GetAwaiter().GetResult().Session is not null)
            return;
        var now = TimeProvider.System.GetUtcNow();
        var record = TestSessions.Record(now) with { Provider = "main", Issuer = _provider.Origin, ClientId = InMemoryProvider.ClientId, AccessTokenExpires = now.AddHours(2), IdTokenExpires = now.AddHours(2), ProviderSession = "s" };
        var created = sessions.CreateAsync(record, CancellationToken.None).GetAwaiter().GetResult()!.Value;
        (_session, Session) = (created.Session.Id, created.Cookie);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        _live?.Dispose();
        await _provider.DisposeAsync();
    }

    private async Task BuildAsync()
    {
        var configuration = DemoConfiguration.Of(Origin, _provider.Origin, "http://127.0.0.1:1");
        var gateway = configuration["Gateway"]!.AsObject();
        (gateway["IdentityProviders"]!["main"]!["ClientSecret"], gateway["IdentityProviders"]!["main"]!["IdTokenAlgorithms"]) = (FuzzKeys.ClientSecret, new JsonArray("HS256"));
        foreach (var (_, route) in configuration["ReverseProxy"]!["Routes"]!.AsObject())
            route!["Metadata"]!.AsObject().Remove("Token");
        FuzzConfiguration.AddInlets(configuration, _provider.Origin);
        gateway["TrustedProxies"] = new JsonArray("127.0.0.1");
        var check = new ConfigurationCheck(development: false);
        _live = new(new ConfigurationBuilder().AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(configuration.ToJsonString()))).Build(), check.Run);
        var faults = new Faults();
        var sound = check.Run(new ConfigurationBuilder().Add(_live).Build(), faults) ?? throw new InvalidOperationException(string.Join('\n', faults.All));
        _app = await GatewayHost.BuildAsync(_live, sound, "Production", forCommand: true);
        _app.Services.GetRequiredService<ILoggerFactory>().AddProvider(_broken);
        _stages = ((IApplicationBuilder)_app).Build();
    }

    /// <summary>Keeps what the outermost stage has caught.</summary>
    private sealed class BrokenRequests : ILoggerProvider, ILogger
    {
        private readonly ConcurrentStack<Exception> _caught = new();

        public string Take() => _caught.TryPop(out var exception)
            ? $"{exception.GetType().Name} {exception.Message} {exception.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("OrgGateway", StringComparison.Ordinal))?.Trim()}"
            : "for no reason that is logged";

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is not null && _caught.Count < 100)
                _caught.Push(exception);
        }

        public void Dispose()
        {
        }
    }
}
