using System.Diagnostics;
using System.Net.Http.Headers;
using OrgGateway.Answers;
using OrgGateway.Assertions;
using OrgGateway.Replay;
using Yarp.ReverseProxy.Transforms;

namespace OrgGateway.Proxy;

/// <summary>
/// Writes what the gateway says to the upstream, on the outgoing message itself: what a caller sent under these names has been
/// taken away before the copy (<see cref="InboundHeaders"/>).
/// </summary>
public sealed class ForwardHeaders(IdentityAssertion assertion, ForwardCookies cookies) : RequestTransform
{
    internal const string ClientAddress = "x-kraken-client-ip";
    internal const string ClientAddressAuthorization = "x-kraken-client-ip-authorization";
    private const string TraceParent = "traceparent";

    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        // YARP answers 502 where this throws: without a decision nothing leaves.
        var http = context.HttpContext;
        var forwarding = http.Features.Get<Forwarding>() ?? throw new InvalidOperationException("nothing is forwarded without a permit");
        var permit = forwarding.Permit;
        var headers = context.ProxyRequest.Headers;
        cookies.Strip(headers);
        IdentityHeaders.Write(headers, permit);
        if (permit.Policy.Assertion && assertion.For(permit, RequestKinds.IsWebSocket(http) ? HttpMethods.Get : http.Request.Method) is { } signed)
            headers.TryAddWithoutValidation(IdentityHeaders.Assertion, signed);
        if (forwarding.Token is { } token)
            headers.TryAddWithoutValidation(token.Header, token.Value);
        headers.TryAddWithoutValidation("X-Request-Id", http.TraceIdentifier);
        if (http.Connection.RemoteIpAddress is { } address)
            WriteAddress(headers, (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString(), forwarding.Token);
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
            headers.TryAddWithoutValidation(TraceParent, NewTraceParent());
        return forwarding.MayReplay ? ReplayBody.BufferAsync(context) : ValueTask.CompletedTask;
    }

    // Neither id may be all zeros (§3.2.2.3): the last digits are not.
    private static string NewTraceParent() => string.Create(55, 0, static (text, _) =>
    {
        Span<byte> random = stackalloc byte[24];
#pragma warning disable RS0030 // names a trace and guards nothing
        Random.Shared.NextBytes(random);
#pragma warning restore RS0030
        (random[15], random[23]) = ((byte)(random[15] | 1), (byte)(random[23] | 1));
        "00-".CopyTo(text);
        Convert.TryToHexStringLower(random[..16], text[3..], out _);
        text[35] = '-';
        Convert.TryToHexStringLower(random[16..], text[36..], out _);
        "-00".CopyTo(text[52..]);
    });

    private static void WriteAddress(HttpRequestHeaders headers, string address, InjectedToken? token)
    {
        headers.TryAddWithoutValidation("X-Forwarded-For", address);
        // Requests with one organization's token all come from the gateway: an API that counts by address may be told the caller's (K32).
        if (token is OrganizationInjectedToken { Organization.ClientAddressAuthorization: { } authorization })
        {
            headers.TryAddWithoutValidation(ClientAddress, address);
            headers.TryAddWithoutValidation(ClientAddressAuthorization, authorization);
        }
    }
}
