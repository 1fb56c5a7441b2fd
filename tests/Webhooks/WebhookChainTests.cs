using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Webhooks;

/// <summary>Notices of first and changed sign-ins, as their receiver gets them from a running gateway.</summary>
public sealed class WebhookChainTests : IAsyncLifetime, IAsyncDisposable
{
    private const string Secret = "a webhook secret of the tests";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly EchoUpstream _receiver = new();
    private readonly RedisServer _redis = new();
    private readonly ConcurrentQueue<int> _answers = new();
    private GatewayStack? _stack;

    private GatewayStack Stack => _stack!;

    public async Task InitializeAsync()
    {
        _receiver.Answer = context =>
        {
            context.Response.StatusCode = _answers.TryDequeue(out var status) ? status : 204;
            return Task.CompletedTask;
        };
        await _receiver.StartAsync();
        await _redis.InitializeAsync();
        _stack = await GatewayStack.StartAsync(new()
        {
            Redis = _redis,
            Configure = (_, configuration) => configuration["Gateway"]!["Webhooks"] = new JsonObject { ["Url"] = _receiver.Url + "/hook", ["Secret"] = Secret, ["Attempts"] = 2 },
        });
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await Stack.DisposeAsync();
        await _redis.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact, Trait("Row", "G22"), Trait("Row", "S38"), Trait("Row", "T112")]
    public async Task The_first_sign_in_is_told_once_and_a_change_as_an_update_of_the_same_person()
    {
        _answers.Enqueue(500); // tried again
        await SignInAsync("first@acme.test", "First");
        await Wait.UntilAsync(() => _receiver.Hits == 2, Bound, "the second attempt");
        var first = Message(_receiver.Requests[0]);
        Assert.Equal(("user.first_login", "u-hook", "first@acme.test", "First", Stack.Provider.Issuer), (Text(first, "type"), Text(first["user"]!, "subject"), Text(first["user"]!, "email"), Text(first["user"]!, "name"), Text(first["user"]!, "issuer")));
        Assert.Equal(Text(first, "id"), Text(Message(_receiver.Requests[1]), "id"));

        await SignInAsync("first@acme.test", "First");
        await SignInAsync("second@acme.test", "First");
        await Wait.UntilAsync(() => _receiver.Hits == 3, Bound, "the update");
        var update = Message(_receiver.Requests[2]);
        Assert.Equal(("user.updated", "u-hook", "second@acme.test"), (Text(update, "type"), Text(update["user"]!, "subject"), Text(update["user"]!, "email")));
        await Wait.UntilAsync(async () => !await IsKeptAsync(), Bound, "what was taken is kept no longer");

        foreach (var request in _receiver.Requests)
        {
            Assert.Null(request.Header("Cookie"));
            Assert.Null(request.Header("Authorization"));
        }
        var redis = string.Concat((await _redis.DumpAllAsync()).Select(entry => entry.Key + Encoding.Latin1.GetString(entry.Value)));
        Assert.DoesNotContain("@acme.test", redis, StringComparison.Ordinal);
    }

    [Fact, Trait("Row", "G22")]
    public async Task What_nobody_takes_is_put_aside()
    {
        for (var i = 0; i < 2; i++)
            _answers.Enqueue(503);
        await SignInAsync("third@acme.test", "Third");
        await Wait.UntilAsync(() => Stack.Gateway.Output.Contains("put aside after 2 attempts", StringComparison.Ordinal), Bound, "it is put aside");
        Assert.Equal(2, _receiver.Hits);
        Assert.True(await IsKeptAsync());
    }

    private async Task SignInAsync(string email, string name)
    {
        Stack.Provider.Put(new DemoUser("u-hook", email, name, "demo", [new DemoMembership("org_acme", "acme", "Acme", ["member"])]));
        using var browser = await Stack.SignedInAsync(email);
    }

    private async Task<bool> IsKeptAsync() => (await _redis.DumpAllAsync()).Keys.Any(k => k.StartsWith("orggw:webhook:", StringComparison.Ordinal));

    private static JsonNode Message(ReceivedRequest request)
    {
        var parts = request.Header("X-OrgGateway-Signature")!.Split(',').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
        byte[] signed = [.. Encoding.ASCII.GetBytes(parts["t"] + "."), .. request.Body];
        Assert.Equal(parts["v1"], Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), signed)));
        Assert.InRange(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - long.Parse(parts["t"], System.Globalization.CultureInfo.InvariantCulture), -5, 120);
        return JsonNode.Parse(request.Body)!;
    }

    private static string? Text(JsonNode node, string name) => (string?)node[name];
}
