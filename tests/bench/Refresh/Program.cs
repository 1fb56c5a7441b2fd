using System.Diagnostics;
using System.Globalization;
using System.Net;
using OrgGateway.Tests.Servers;

// Three gateways, one Redis, one session whose access token has expired, and REQUESTS requests at once: how many refreshes that
// costs, and how much longer than the provider itself the slowest requests take.
const int replicas = 3;
var requests = int.Parse(Environment.GetEnvironmentVariable("REQUESTS") ?? "1000", CultureInfo.InvariantCulture);
var life = TimeSpan.FromSeconds(8);
var redis = new RedisServer();
await redis.InitializeAsync();
await using var stack = await GatewayStack.StartAsync(new()
{
    Redis = redis,
    AccessTokenLifetime = life,
    Configure = (_, configuration) =>
    {
        configuration["Gateway"]!["IdentityProviders"]!["main"]!["RefreshBefore"] = "00:00:00";
        configuration["Gateway"]!["IdentityProviders"]!["main"]!["BackchannelTimeout"] = "00:00:20";
    },
});
var gateways = new List<GatewayProcess> { stack.Gateway };
while (gateways.Count < replicas)
    gateways.Add(await stack.StartReplicaAsync());
using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false, MaxConnectionsPerServer = requests }) { Timeout = TimeSpan.FromMinutes(1) };
using var browser = await stack.SignedInAsync("carol@initech.test");
var cookie = stack.SessionOf(browser)!;
await BurstAsync(); // opens the connections, so that they are not what is measured
var failed = false;

Console.WriteLine("| provider delay | refreshes | Redis commands | p50 - delay | p99 - delay | all 200 |");
Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
foreach (var delay in (int[])[0, 200, 3000])
{
    var began = Stopwatch.GetTimestamp();
    await Wait.UntilAsync(() => Stopwatch.GetElapsedTime(began) > life, life * 2, "the tokens expire");
    // With the same number of requests on the expired token, but the provider's answer at once, as a yardstick of this machine.
    stack.Provider.Faults.Token = new() { Delay = TimeSpan.FromMilliseconds(delay) };
    var (refreshes, commands) = (stack.Provider.Counters.RefreshGrants.Value, await CommandsAsync());
    var answers = await BurstAsync();
    stack.Provider.Faults.Token = null;
    var used = stack.Provider.Counters.RefreshGrants.Value - refreshes;
    var times = answers.Select(a => a.Elapsed.TotalMilliseconds - delay).Order().ToArray();
    var all200 = answers.All(a => a.Status == HttpStatusCode.OK);
    failed |= used != 1 || !all200;
    Console.WriteLine($"| {delay} ms | {used} | {await CommandsAsync() - commands} | {times[times.Length / 2]:0} ms | {times[times.Length * 99 / 100]:0} ms | {(all200 ? "yes" : "no")} |");
    var warm = (await BurstAsync()).Select(a => a.Elapsed.TotalMilliseconds).Order().ToArray();
    Console.WriteLine($"| warm, the same burst | | | {warm[warm.Length / 2]:0} ms | {warm[warm.Length * 99 / 100]:0} ms | |");
}
await redis.DisposeAsync();
return failed ? 1 : 0;

async Task<(HttpStatusCode Status, TimeSpan Elapsed)[]> BurstAsync() => await Task.WhenAll(Enumerable.Range(0, requests).Select(i => Task.Run(async () =>
{
    using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateways[i % replicas].Url, "/me")) { Headers = { { "Cookie", "orggw=" + cookie } } };
    var began = Stopwatch.GetTimestamp();
    using var answer = await http.SendAsync(request);
    return (answer.StatusCode, Stopwatch.GetElapsedTime(began));
})));

// Without the connections' own upkeep and this count's.
async Task<long> CommandsAsync() => (await redis.CommandStatsAsync()).Where(c => c.Key.Split('|')[0] is not ("ping" or "info" or "client" or "config" or "hello" or "auth" or "command")).Sum(c => c.Value);
