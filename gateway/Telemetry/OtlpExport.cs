using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace OrgGateway.Telemetry;

/// <summary>
/// Traces and metrics to an OpenTelemetry collector, by the standard <c>OTEL_*</c> variables; only where an endpoint is given, so
/// that nothing listens, and nothing costs, otherwise.
/// </summary>
public sealed class OtlpExport : IDisposable
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string MetricsEndpoint = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    private const int FlushMilliseconds = 3_000;
    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;

    public OtlpExport()
    {
        if (Traces())
            _traces = ExportTraces();
        if (Metrics())
            _metrics = ExportMetrics();
    }

    /// <summary>What is exported, for the log: <c>traces</c>, <c>metrics</c>, both, or nothing.</summary>
    public IReadOnlyList<string> Signals => [.. new[] { _traces is null ? null : "traces", _metrics is null ? null : "metrics" }.OfType<string>()];

    public void Dispose()
    {
        // What is left goes out first, within a bound: a collector that is away must not hold the end of the process.
        _traces?.ForceFlush(FlushMilliseconds);
        _metrics?.ForceFlush(FlushMilliseconds);
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    private static TracerProvider ExportTraces() => Sdk.CreateTracerProviderBuilder()
        .ConfigureResource(Describe)
        // The request as ASP.NET Core sees it, the way to the app as YARP does, and our own steps in between.
        .AddSource("Microsoft.AspNetCore", "Yarp.ReverseProxy", GatewayMeter.Name)
        .AddOtlpExporter()
        .Build();

    private static MeterProvider ExportMetrics() => Sdk.CreateMeterProviderBuilder()
        .ConfigureResource(Describe)
        .AddMeter(GatewayMeter.Name, "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
        .AddOtlpExporter()
        .Build();

    private static bool Traces() => IsOn("OTEL_TRACES_EXPORTER", TracesEndpoint);

    private static bool Metrics() => IsOn("OTEL_METRICS_EXPORTER", MetricsEndpoint);

    private static bool IsOn(string exporter, string endpoint) =>
        !string.Equals(Of("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)
        && (Of(exporter) ?? "otlp") == "otlp"
        && (Of(Endpoint) ?? Of(endpoint)) is not null;

    private static void Describe(ResourceBuilder resource)
    {
        if (Of("OTEL_SERVICE_NAME") is null && Of("OTEL_RESOURCE_ATTRIBUTES")?.Contains("service.name=", StringComparison.Ordinal) != true)
            resource.AddService("orggateway", serviceVersion: typeof(OtlpExport).Assembly.GetName().Version!.ToString(3));
    }

    private static string? Of(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
