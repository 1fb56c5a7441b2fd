using System.Diagnostics.Metrics;
using OrgGateway.Telemetry;

namespace OrgGateway.Sockets;

public static class SocketMetrics
{
    private static readonly UpDownCounter<long> Open = GatewayMeter.Instance.CreateUpDownCounter<long>("orggateway.sockets.open", "{socket}", "WebSockets open or in their handshake");
    private static readonly Counter<long> Closed = GatewayMeter.Instance.CreateCounter<long>("orggateway.sockets.closed", "{connection}", "Sockets and streams that the gateway closed, by the code of its Close frame");
    private static readonly Counter<long> Refused = GatewayMeter.Instance.CreateCounter<long>("orggateway.sockets.refused", "{socket}", "Handshakes refused by a limit or a shutdown");

    public static void Opened() => Open.Add(1);

    public static void Ended() => Open.Add(-1);

    public static void ClosedWith(CloseReason why) => Closed.Add(1, new KeyValuePair<string, object?>("code", why.Code));

    public static void RefusedFor(SocketRefusal refusal) => Refused.Add(1, new KeyValuePair<string, object?>("reason", refusal.ToString()));
}
