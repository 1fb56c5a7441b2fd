using System.Diagnostics.Metrics;
using OrgGateway.Telemetry;

namespace OrgGateway.Replay;

public static class ReplayMetrics
{
    private static readonly Counter<long> Replays = GatewayMeter.Instance.CreateCounter<long>(
        "orggateway.replay.refusals", description: "Upstreams' refusals of a token by what came of them (replayed, refused, no_token, breaker_open)");

    private static readonly Counter<long> Tokens = GatewayMeter.Instance.CreateCounter<long>("orggateway.tokens.injected", description: "Requests forwarded with a token, by kind (user, organization, presented)");

    public static void Injected(InjectedToken token) => Tokens.Add(1, new KeyValuePair<string, object?>("kind", token.Kind));

    internal static void Count(string result) => Replays.Add(1, new KeyValuePair<string, object?>("result", result));
}
