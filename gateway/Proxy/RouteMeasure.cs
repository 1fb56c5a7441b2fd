using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrgGateway.Answers;
using OrgGateway.Telemetry;
using Label = System.Collections.Generic.KeyValuePair<string, object?>;

namespace OrgGateway.Proxy;

/// <summary>A route's request metrics with every set of labels made beforehand: recording one allocates nothing.</summary>
public sealed class RouteMeasure
{
    private static readonly Histogram<double> Duration = GatewayMeter.Instance.CreateHistogram<double>(
        "orggateway.request.duration", "s", "Requests by route, kind and outcome, and how long they took; a WebSocket counts until it closes");
    private static readonly string[] Kinds = [.. Enum.GetNames<RequestKind>().Select(kind => kind.ToLowerInvariant())];
    private static readonly string[] Outcomes = [.. Enum.GetNames<RequestOutcome>().Select(Snake)];

    /// <summary>For the gateway's own endpoints.</summary>
    public static readonly RouteMeasure Own = new("(gateway)");

    /// <summary>For paths without a route: whatever is asked for, one label.</summary>
    public static readonly RouteMeasure None = new("(none)");

    private readonly Label[][] _labels;

    public RouteMeasure(string route)
    {
        Route = route;
        _labels = [.. Kinds.SelectMany(kind => Outcomes.Select(outcome => new Label[] { new("route", route), new("kind", kind), new("outcome", outcome) }))];
    }

    public string Route { get; }

    public void Record(RequestKind kind, RequestOutcome outcome, long started)
    {
        if (Duration.Enabled)
            Duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, _labels[((int)kind * Outcomes.Length) + (int)outcome]);
    }

    internal static string NameOf(RequestOutcome outcome) => Outcomes[(int)outcome];

    private static string Snake(string name) =>
        string.Concat(name.Select((c, i) => i > 0 && char.IsAsciiLetterUpper(c) && !char.IsAsciiLetterUpper(name[i - 1]) ? "_" + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));
}
