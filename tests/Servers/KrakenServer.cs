using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrgGateway.Tests.Servers;

/// <summary>
/// A GraphQL API of Kraken's shape: <c>obtainKrakenToken</c> by organization key or refresh token, HTTP 200 for every error with its
/// code in <c>errors[].extensions.errorCode</c>, and tokens that can be killed before they end.
/// </summary>
public sealed class KrakenServer : IAsyncLifetime, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> _organizations = new();
    private readonly ConcurrentDictionary<string, string> _refreshTokens = new();
    private readonly ConcurrentDictionary<string, string> _alive = new();
    private readonly ConcurrentQueue<string> _issued = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private WebApplication? _app;
    private int _serial;

    public int Port { get; } = FreePort.Next();

    public string Endpoint => $"http://127.0.0.1:{Port}/v1/graphql/";

    /// <summary>How long a token lives by its own <c>exp</c>.</summary>
    public TimeSpan Life { get; set; } = TimeSpan.FromMinutes(60);

    /// <summary>In place of a token, for mints with the secret; null mints.</summary>
    public string? MintError { get; set; }

    /// <summary>In place of a token, for mints with a refresh token.</summary>
    public string? RefreshError { get; set; }

    /// <summary>How long a mint takes.</summary>
    public TimeSpan MintTakes { get; set; }

    /// <summary>Every token ever issued, refresh tokens included.</summary>
    public IReadOnlyList<string> Issued => [.. _issued];

    /// <summary>What mints were asked with, in order: <c>secret</c> or <c>refresh</c>.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    public int Mints => _asked.Count;

    public void Register(string secretKey, string organization) => _organizations[secretKey] = organization;

    /// <summary>As <c>forceReauthentication</c>: what was issued is dead, whatever its <c>exp</c> says.</summary>
    public void KillTokens() => _alive.Clear();

    /// <summary>The organization that a living token was issued to; null for any other.</summary>
    public string? OrganizationOf(string? token) => token is not null && _alive.TryGetValue(token, out var organization) ? organization : null;

    /// <summary>Answers as the API behind the gateway does: data for a living token, 200 and 1124 for a dead one.</summary>
    public Task AnswerQueryAsync(HttpContext context) => OrganizationOf(context.Request.Headers.Authorization) is { } organization
        ? HostileAnswers.Json(new JsonObject { ["data"] = new JsonObject { ["organization"] = organization } })(context)
        : HostileAnswers.Json(Error("KT-CT-1124", "APPLICATION"))(context);

    public static JsonObject Error(string code, string type = "AUTHORIZATION") => new()
    {
        ["errors"] = new JsonArray(new JsonObject
        {
            ["message"] = "Signature of the JWT has expired.",
            ["path"] = new JsonArray("viewer"),
            ["extensions"] = new JsonObject { ["errorType"] = type, ["errorCode"] = code, ["errorDescription"] = "as it says" },
        }),
        ["data"] = null,
    };

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Port));
        _app = builder.Build();
        _app.MapPost("/v1/graphql/", MintAsync);
        _app.MapPost("/rest/token/{slug}", RestAsync);
        await _app.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        _app = null;
    }

    Task IAsyncLifetime.DisposeAsync() => StopAsync();

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task MintAsync(HttpContext context)
    {
        var body = await JsonNode.ParseAsync(context.Request.Body);
        Assert.Contains("obtainKrakenToken", (string)body!["query"]!, StringComparison.Ordinal);
        var input = body["variables"]!["input"]!;
        var (byRefresh, organization) = ((string?)input["refreshToken"], (string?)input["organizationSecretKey"]) switch
        {
            ({ } refresh, null) => (true, _refreshTokens.GetValueOrDefault(refresh)),
            (null, { } key) => (false, _organizations.GetValueOrDefault(key)),
            _ => (false, null),
        };
        _asked.Enqueue(byRefresh ? "refresh" : "secret");
        if (MintTakes > TimeSpan.Zero)
            await Task.Delay(MintTakes, context.RequestAborted);
        var error = (byRefresh ? RefreshError : MintError) ?? (organization is null ? "KT-CT-1138" : null);
        await (error is not null ? HostileAnswers.Json(Error(error, "VALIDATION"))(context) : HostileAnswers.Json(new JsonObject
        {
            ["data"] = new JsonObject
            {
                ["obtainKrakenToken"] = new JsonObject
                {
                    ["token"] = Issue(organization!),
                    ["refreshToken"] = byRefresh ? (string?)input["refreshToken"] : IssueRefreshToken(organization!),
                    ["refreshExpiresIn"] = TimeProvider.System.GetUtcNow().AddDays(7).ToUnixTimeSeconds(),
                },
            },
        })(context));
    }

    private async Task RestAsync(HttpContext context)
    {
        var body = await JsonNode.ParseAsync(context.Request.Body);
        _asked.Enqueue("rest");
        var organization = _organizations.GetValueOrDefault((string)body!["key"]!);
        await (organization is null || (string?)context.Request.RouteValues["slug"] != organization || context.Request.Headers["X-Org"] != "org_" + organization
            ? HostileAnswers.Status(401)(context)
            : HostileAnswers.Json(new JsonObject { ["result"] = new JsonObject { ["jwt"] = Issue(organization), ["endsAt"] = (TimeProvider.System.GetUtcNow() + Life).ToString("O") } })(context));
    }

    private string Issue(string organization)
    {
        var serial = Interlocked.Increment(ref _serial);
        var now = TimeProvider.System.GetUtcNow();
        var header = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new { alg = "HS256", typ = "JWT" }));
        var claims = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new { sub = organization, serial, iat = now.ToUnixTimeSeconds(), exp = (now + Life).ToUnixTimeSeconds() }));
        var token = $"{header}.{claims}.{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))}";
        _alive[token] = organization;
        _issued.Enqueue(token);
        return token;
    }

    private string IssueRefreshToken(string organization)
    {
        var token = "refresh-" + Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        _refreshTokens[token] = organization;
        _issued.Enqueue(token);
        return token;
    }
}
