using System.Diagnostics.Metrics;
using OrgGateway.Telemetry;

namespace OrgGateway.Sessions;

/// <summary>How many sessions there are: in the store, asked for now and then, and copied here.</summary>
public sealed class SessionGauges(SessionStore sessions, SessionDirectory directory, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(30);
    private long _live = -1;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        GatewayMeter.Instance.CreateObservableGauge("orggateway.sessions.copies", () => (long)sessions.CopyCount, description: "Sessions copied in this process");
        // Nothing is said of a store that does not answer: a zero would look like everybody's sign-out.
        GatewayMeter.Instance.CreateObservableGauge("orggateway.sessions.live", LiveNow, description: "Sessions in the store");
        using var timer = new PeriodicTimer(AskEvery, clock);
        do
            Volatile.Write(ref _live, await directory.CountAsync(stoppingToken) ?? -1);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private IEnumerable<Measurement<long>> LiveNow() => Volatile.Read(ref _live) is >= 0 and var live ? [new(live)] : [];
}
