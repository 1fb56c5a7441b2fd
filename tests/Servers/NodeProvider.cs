using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrgGateway.Tests.Servers;

/// <summary>
/// A real OpenID provider of other authors (tests/providers, npm oidc-provider). Gateways may run at <see cref="Origins"/>,
/// whose redirect URIs are registered; environment variables as listed in oidc-provider.mjs.
/// </summary>
public sealed class NodeProvider : IAsyncLifetime
{
    public const string ClientId = "gateway";
    public const string ClientSecret = "gateway-secret-of-the-tests";
    public const string Password = "demo";

    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(30);
    private static readonly HttpClient Http = new();
    private ChildProcess? _node;

    /// <summary>Where the gateways of a test are to listen; three, for tests with replicas.</summary>
    public IReadOnlyList<Uri> Origins { get; } = [FreePort.NextOrigin(), FreePort.NextOrigin(), FreePort.NextOrigin()];

    /// <summary>The first of <see cref="Origins"/>, without a slash at the end.</summary>
    public string Origin => Origins[0].GetLeftPart(UriPartial.Authority);

    /// <summary>Added to, or put in place of, what the provider is started with; to be filled before <see cref="InitializeAsync"/>.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public string Issuer { get; private set; } = "";

    public string Output => _node?.Output ?? "";

    public async Task InitializeAsync()
    {
        var origins = Origins.Select(origin => origin.GetLeftPart(UriPartial.Authority)).ToArray();
        Environment.TryAdd("REDIRECT_URIS", string.Join(' ', origins.SelectMany(origin => new[] { $"{origin}/auth/callback", $"{origin}/auth/callback/main" })));
        Environment.TryAdd("POST_LOGOUT_REDIRECT_URIS", string.Join(' ', origins.SelectMany(origin => new[] { origin, $"{origin}/" })));
        _node = ChildProcess.Start("node", ["oidc-provider.mjs"], Repository.PathOf("tests/providers"), Environment);
        var ready = await _node.WaitForLineAsync(line => line.StartsWith("{\"issuer\"", StringComparison.Ordinal), StartBound, "the OpenID provider starts");
        Issuer = JsonDocument.Parse(ready).RootElement.GetProperty("issuer").GetString()!;
        // The first line is printed once; the same port serves it again after a restart.
        Environment["PORT"] = new Uri(Issuer).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The provider's counters: signIns, tokenCalls, codesRedeemed, refreshes, refreshErrors, grantsRevoked ...</summary>
    public async Task<JsonObject> StatsAsync() => (await Http.GetFromJsonAsync<JsonObject>($"{Issuer}/_stats"))!;

    /// <summary>Changes the lifetime of access tokens, and how long each call of the token endpoint is held.</summary>
    public async Task SetAsync(TimeSpan? accessTokenLifetime = null, TimeSpan? tokenDelay = null)
    {
        List<string> settings = [];
        if (accessTokenLifetime is { } lifetime) settings.Add($"accessTokenTtl={lifetime.TotalSeconds:0}");
        if (tokenDelay is { } delay) settings.Add($"tokenDelay={delay.TotalMilliseconds:0}");
        using var answer = await Http.GetAsync(new Uri($"{Issuer}/_settings?{string.Join('&', settings)}"));
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Ends the provider; <see cref="InitializeAsync"/> starts it again at the same address, with nothing remembered.</summary>
    public async Task DisposeAsync()
    {
        if (_node is not null) await _node.DisposeAsync();
        _node = null;
    }
}
