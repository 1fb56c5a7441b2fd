using System.Diagnostics.Metrics;

namespace OrgGateway.Telemetry;

/// <summary>Listens to the gateway's own instruments and to a few of the framework, and keeps their values for <c>/metrics</c>.</summary>
public sealed class MetricsCollector : IDisposable
{
    // Of the framework only what costs a request nothing: connections, and what the runtime keeps anyway.
    private static readonly string[] FrameworkPrefixes =
    [
        "kestrel.active_connections", "kestrel.queued_connections", "kestrel.rejected_connections", "kestrel.active_tls_handshakes", "kestrel.upgraded_connections",
        "dotnet.process.", "dotnet.gc.", "dotnet.thread_pool.", "dotnet.exceptions",
    ];

    private readonly Lock _reading = new();
    private readonly List<InstrumentSeries> _instruments = [];
    private readonly MeterListener _listener = new();
    private readonly int _maxSeries;
    private int _readings;

    public MetricsCollector(TelemetryOptions options)
    {
        _maxSeries = options.MaxSeries;
        if (!options.Metrics)
            return;
        _listener.InstrumentPublished = Publish;
        _listener.SetMeasurementEventCallback<double>(static (_, value, labels, state) => ((InstrumentSeries)state!).Take(value, labels));
        _listener.SetMeasurementEventCallback<float>(static (_, value, labels, state) => ((InstrumentSeries)state!).Take(value, labels));
        _listener.SetMeasurementEventCallback<long>(static (_, value, labels, state) => ((InstrumentSeries)state!).Take(value, labels));
        _listener.SetMeasurementEventCallback<int>(static (_, value, labels, state) => ((InstrumentSeries)state!).Take(value, labels));
        _listener.SetMeasurementEventCallback<short>(static (_, value, labels, state) => ((InstrumentSeries)state!).Take(value, labels));
        _listener.SetMeasurementEventCallback<byte>(static (_, value, labels, state) => ((InstrumentSeries)state!).Take(value, labels));
        _listener.Start();
    }

    internal void Read(Action<IReadOnlyList<InstrumentSeries>> write)
    {
        lock (_reading)
        {
            InstrumentSeries[] instruments;
            lock (_instruments)
                instruments = [.. _instruments];
            _readings++;
            foreach (var instrument in instruments)
                instrument.Reading = _readings;
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // One capability's observation failed: the others were made and are shown, and that one is missing.
            }
            write(instruments);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Publish(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name != GatewayMeter.Name && !Array.Exists(FrameworkPrefixes, p => instrument.Name.StartsWith(p, StringComparison.Ordinal)))
            return;
        var series = new InstrumentSeries(instrument, _maxSeries);
        lock (_instruments)
            _instruments.Add(series);
        listener.EnableMeasurementEvents(instrument, series);
    }
}
