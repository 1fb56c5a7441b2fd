using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Admin;

/// <summary>Two replicas over one Redis with a management token, for all tests of the operators' side.</summary>
public sealed class AdminServers : IAsyncLifetime
{
    public const string Token = "a management token of the tests";
    private GatewayStack? _stack;
    private GatewayProcess? _replica;

    public RedisServer Redis { get; } = new();

    public GatewayStack Stack => _stack!;

    public GatewayProcess Replica => _replica!;

    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(30) };

    public async Task InitializeAsync()
    {
        await Redis.InitializeAsync();
        _stack = await GatewayStack.StartAsync(new()
        {
            Redis = Redis,
            Configure = (_, configuration) => configuration["Gateway"]!["Management"]!["Token"] = Token,
        });
        _replica = await Stack.StartReplicaAsync();
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await Stack.DisposeAsync();
        await Redis.DisposeAsync();
    }

    /// <summary>A request to the management listener of the first gateway.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? token = Token)
    {
        using var request = new HttpRequestMessage(method, new Uri(Stack.Gateway.ManagementUrl, path));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await Http.SendAsync(request);
    }

    public async Task<JsonNode> JsonAsync(HttpMethod method, string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var answer = await SendAsync(method, path);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, $"{method} {path}: {(int)answer.StatusCode} {body}");
        Assert.DoesNotMatch(CompactToken.Pattern, body);
        return JsonNode.Parse(body)!;
    }
}
