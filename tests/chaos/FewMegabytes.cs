using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Sealing;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.Sessions;

namespace OrgGateway.Tests.Chaos;

/// <summary>Gateways that may not have the memory for all their sessions at once, and that many sessions.</summary>
internal static class FewMegabytes
{
    private const int Sessions = 12_000;
    private const int AtOnce = 8;

    /// <summary>100 MiB, which copies of all would be more than.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = "0x6400000" };

    public static void Configure(JsonObject configuration) => configuration["Gateway"]!["Sessions"]!["CopyLimit"] = 3000;

    /// <summary>Makes sessions, and has every gateway read each of them.</summary>
    public static async Task FillAsync(Fleet fleet)
    {
        var store = await RedisStore.ConnectAsync(new StoreOptions { Redis = fleet.Redis.Configuration, Timeout = TimeSpan.FromSeconds(10) }, NullLogger.Instance);
        await using var seed = new Replica(store, new FakeClock(realTimers: true) { UtcNow = TimeProvider.System.GetUtcNow() }, [new SealingKey("k1", DemoConfiguration.Secret)]);
        using var client = new CookieClient();
        await Parallel.ForAsync(0, Sessions, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, cancel) =>
        {
            var now = TimeProvider.System.GetUtcNow();
            var record = TestSessions.Record(now, "person-" + i) with
            {
                Issuer = fleet.Provider.Issuer, Ends = now.AddMinutes(10), AccessToken = new string('a', 2000), AccessTokenExpires = now.AddMinutes(10), IdToken = new string('i', 2000),
            };
            var (_, cookie) = await seed.Sessions.CreateAsync(record, cancel) ?? throw new InvalidOperationException("the store does not take a session");
            for (var gateway = 0; gateway < fleet.Count; gateway++)
                if (await client.StatusAsync(fleet.UrlOf(gateway), "/me", cookie) is var status and not HttpStatusCode.OK)
                    throw new InvalidOperationException($"session {i} got {status} at gateway {gateway}");
        });
    }
}
