using OrgGateway.Configuration;

namespace OrgGateway.Telemetry;

/// <summary><c>Gateway:Telemetry</c>. OTLP export is configured by the standard <c>OTEL_*</c> environment variables, not here.</summary>
public sealed class TelemetryOptions
{
    public const string Section = "Gateway:Telemetry";

    /// <summary>Whether <c>/metrics</c> is served on the management listener. Off, nothing is counted for it. Default true.</summary>
    public bool Metrics { get; init; } = true;

    /// <summary>
    /// Most series (sets of labels) an instrument may have on <c>/metrics</c>; what comes beyond is summed in one series labelled
    /// <c>otel_metric_overflow="true"</c>. Give it the number of organizations and some more. 10 to 100,000; default 2,000.
    /// </summary>
    public int MaxSeries { get; init; } = 2_000;

    public void Check(Faults faults) => faults.Range(Section + ":MaxSeries", MaxSeries, 10, 100_000);
}
