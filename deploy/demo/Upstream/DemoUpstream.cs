namespace OrgGateway.Demo.Upstream;

/// <summary>The app behind the gateway. It knows people and organizations from the request's headers only.</summary>
public sealed class DemoUpstream : IAsyncDisposable
{
    private readonly DemoServer _server;
    private readonly HitCount _hits;

    private DemoUpstream(DemoServer server, HitCount hits) => (_server, _hits) = (server, hits);

    public Uri Url => _server.Url;

    /// <summary>How many requests reached the app, upgrades included.</summary>
    public int Hits => Volatile.Read(ref _hits.Value);

    /// <param name="url">Where it listens; http://localhost:0 takes a free port.</param>
    /// <param name="cancellationToken">Ends the start, not the app.</param>
    public static async Task<DemoUpstream> StartAsync(string url, CancellationToken cancellationToken)
    {
        var hits = new HitCount();
        return new DemoUpstream(await DemoServer.StartAsync(url, app => Map(app, hits), cancellationToken), hits);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static void Map(WebApplication app, HitCount hits)
    {
        app.Use((context, next) =>
        {
            Interlocked.Increment(ref hits.Value);
            return next(context);
        });
        app.UseWebSockets();
        app.MapGet("/", Pages.StartAsync);
        app.MapGet("/me", Pages.MeAsync);
        app.MapGet("/assets/app.css", new EmbeddedAsset("Upstream", "app.css", "text/css; charset=utf-8").ServeAsync);
        app.MapGet("/assets/live.js", new EmbeddedAsset("Upstream", "live.js", "text/javascript; charset=utf-8").ServeAsync);
        app.MapGet("/orgs/{org}", Pages.OrganizationAsync);
        app.MapGet("/orgs/{org}/admin/{**rest}", Pages.AdministrationAsync);
        app.Map("/orgs/{org}/api/echo", Echo.AnswerAsync);
        app.Map("/orgs/{org}/reports/{**rest}", Echo.AnswerAsync);
        // HTTP/2 opens a WebSocket with CONNECT (RFC 8441).
        app.MapMethods("/orgs/{org}/live", ["GET", "CONNECT"], async context =>
        {
            if (!context.WebSockets.IsWebSocketRequest)
            {
                await Pages.LiveAsync(context);
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            using var live = new LiveSocket(socket, Pages.AskedOrganization(context), Caller.Of(context.Request), TimeProvider.System);
            await live.RunAsync(app.Lifetime.ApplicationStopping);
        });
    }

    private sealed class HitCount
    {
        public int Value;
    }
}
