using System.Diagnostics;
using OrgGateway.Answers;
using OrgGateway.Assertions;
using Yarp.ReverseProxy.Transforms;

namespace OrgGateway.Proxy;

/// <summary>
/// Writes what the gateway says to the upstream, on the outgoing message itself: what a caller sent under these names has been
/// taken away before the copy (<see cref="InboundHeaders"/>).
/// </summary>
public sealed class ForwardHeaders(IdentityAssertion assertion) : RequestTransform
{
    private const string TraceParent = "traceparent";

    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        // YARP answers 502 where this throws: without a decision nothing leaves.
        var http = context.HttpContext;
        var forwarding = http.Features.Get<Forwarding>() ?? throw new InvalidOperationException("nothing is forwarded without a permit");
        var permit = forwarding.Permit;
        var headers = context.ProxyRequest.Headers;
        IdentityHeaders.Write(headers, permit);
        if (permit.Policy.Assertion && assertion.For(permit, RequestKinds.IsWebSocket(http) ? HttpMethods.Get : http.Request.Method) is { } signed)
            headers.TryAddWithoutValidation(IdentityHeaders.Assertion, signed);
        if (forwarding.Token is not null)
            headers.TryAddWithoutValidation(permit.Policy.TokenHeader, forwarding.Token);
        headers.TryAddWithoutValidation("X-Request-Id", http.TraceIdentifier);
        if (http.Connection.RemoteIpAddress is { } address)
            headers.TryAddWithoutValidation("X-Forwarded-For", (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString());
        headers.TryAddWithoutValidation("X-Forwarded-Proto", http.Request.Scheme);
        headers.TryAddWithoutValidation("X-Forwarded-Host", http.Request.Host.Value);
        // Traced here, the app's parent is the step of this gateway. Untraced, who comes with a trace keeps it; for the others one
        // begins here, unsampled (W3C Trace Context §3.2).
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id })
        {
            headers.Remove(TraceParent);
            headers.TryAddWithoutValidation(TraceParent, id);
        }
        else if (http.Request.Headers.TraceParent.Count == 0)
            headers.TryAddWithoutValidation(TraceParent, $"00-{ActivityTraceId.CreateRandom().ToHexString()}-{ActivitySpanId.CreateRandom().ToHexString()}-00");
        return ValueTask.CompletedTask;
    }
}
