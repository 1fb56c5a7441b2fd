using System.Diagnostics;
using OrgGateway.Replay;
using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace OrgGateway.Proxy;

/// <summary>What is measured of every request, in the outermost stage: how it ended and how long that took.</summary>
public static class RequestMeasurement
{
    private static long _active;

    static RequestMeasurement() => _ = GatewayMeter.Instance.CreateObservableUpDownCounter(
        "orggateway.requests.active", () => Interlocked.Read(ref _active), "{request}", "Requests and open WebSockets right now");

    /// <returns>When it began.</returns>
    public static long Begin()
    {
        Interlocked.Increment(ref _active);
        return Stopwatch.GetTimestamp();
    }

    public static void End(HttpContext context, long started)
    {
        Interlocked.Decrement(ref _active);
        var measure = context.GetEndpoint()?.Metadata.GetMetadata<RouteMeasure>() ?? RouteMeasure.None;
        var outcome = OutcomeOf(context);
        measure.Record(RequestKinds.Of(context), outcome, started);
        if (Activity.Current is { } activity)
            Describe(activity, context, measure, outcome);
    }

    // By OpenTelemetry's names; the path without its query, where codes, states and invitations travel (A15).
    private static void Describe(Activity activity, HttpContext context, RouteMeasure measure, RequestOutcome outcome)
    {
        if (!activity.IsAllDataRequested)
            return;
        var policy = context.GetEndpoint()?.Metadata.GetMetadata<RoutePolicy>();
        activity.DisplayName = context.Request.Method + " " + measure.Route;
        activity.SetTag("http.request.method", context.Request.Method);
        activity.SetTag("http.response.status_code", context.Response.StatusCode);
        activity.SetTag("url.scheme", context.Request.Scheme);
        activity.SetTag("url.path", context.Request.Path.Value);
        activity.SetTag("orggateway.route", measure.Route);
        activity.SetTag("orggateway.outcome", RouteMeasure.NameOf(outcome));
        activity.SetTag("orggateway.request_id", context.TraceIdentifier);
        if (policy is not null)
            activity.SetTag("orggateway.cluster", policy.ClusterId);
        if (context.Features.Get<Permit>()?.Organization is { } organization)
            activity.SetTag("orggateway.org", organization.Slug);
        if (outcome is RequestOutcome.Failed or RequestOutcome.Unavailable or RequestOutcome.UpstreamError or RequestOutcome.UpstreamUnavailable)
            activity.SetStatus(ActivityStatusCode.Error);
    }

    private static RequestOutcome OutcomeOf(HttpContext context)
    {
        var status = context.Response.StatusCode;
        if (status is StatusCodes.Status101SwitchingProtocols)
            return RequestOutcome.Answered;
        if (context.RequestAborted.IsCancellationRequested)
            return RequestOutcome.Aborted;
        if (status < 300)
            return RequestOutcome.Answered;
        if (status < 400)
            return RequestOutcome.Redirected;
        var unreachable = context.Features.Get<IForwarderErrorFeature>() is not null;
        var forwarded = context.Features.Get<Forwarding>() is not null;
        return (forwarded, unreachable, status) switch
        {
            (true, true, _) => RequestOutcome.UpstreamUnavailable,
            (true, _, < 500) => RequestOutcome.ClientError,
            (true, _, _) => RequestOutcome.UpstreamError,
            (_, _, < 500) => RequestOutcome.Refused,
            (_, _, StatusCodes.Status500InternalServerError) => RequestOutcome.Failed,
            _ => RequestOutcome.Unavailable,
        };
    }
}
