using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.Audit;
using OrgGateway.Replay;
using Yarp.ReverseProxy.Transforms;

namespace OrgGateway.Proxy;

/// <summary>
/// Stops an answer whose headers carry the token that the gateway put into the request: raw, percent-encoded or in base64 (P16). An
/// upstream that echoes its requests would otherwise hand the organization's token to every caller.
/// </summary>
public sealed class LeakGuard(ProblemAnswer answer, OwnAnswer own, AuditTrail audit, ILogger<LeakGuard> logger) : ResponseTransform
{
    // Shorter texts are no tokens, and would be found by chance.
    private const int Shortest = 8;
    private static readonly Problem Leaked = new(502, "upstream_leaked_token", "The application's answer was stopped", "It carried a credential that is not the caller's.");

    public override ValueTask ApplyAsync(ResponseTransformContext context) =>
        context.ProxyResponse is { } response && context.HttpContext.Features.Get<Forwarding>() is { Token: { } token, Permit.Policy: { LeakGuard: true } policy }
        && (Find(response.Headers, token) ?? Find(response.Content.Headers, token)) is { } header
            ? new(StopAsync(context, policy, header))
            : ValueTask.CompletedTask;

    /// <summary>The same of trailers: what went before is gone by then, so the field that carries it is left out.</summary>
    public ResponseTrailersTransform Trailers() => new TrailerGuard(this);

    /// <returns>Name of the header; null, as a rule without one comparison, when none carries it.</returns>
    /// <param name="among">Where set, only names that stand there.</param>
    private static string? Find(HttpHeaders headers, InjectedToken token, IHeaderDictionary? among = null)
    {
        var values = token.Value.Length - token.Scheme.Length;
        foreach (var (name, lines) in headers.NonValidated)
            foreach (var line in lines)
                if (line.Length >= values && among?.ContainsKey(name) != false && (Carries(line, token.Value.AsSpan(token.Scheme.Length)) || (token.Refused is { } refused && Carries(line, refused.AsSpan(token.Scheme.Length)))))
                    return name;
        return null;
    }

    private static bool Carries(ReadOnlySpan<char> line, ReadOnlySpan<char> token)
    {
        if (token.Length < Shortest)
            return false;
        if (line.Contains(token, StringComparison.Ordinal))
            return true;
        if (line.Contains('%') && Uri.UnescapeDataString(line).Contains(token, StringComparison.Ordinal))
            return true;
        return CarriesBase64(line, token);
    }

    // Within a longer text that was encoded as a whole, a token stands at one of three offsets; the groups of four characters that
    // it shares with its neighbours are left out.
    private static bool CarriesBase64(ReadOnlySpan<char> line, ReadOnlySpan<char> token)
    {
        var bytes = new byte[token.Length + 2];
        for (var offset = 0; offset < 3; offset++)
        {
            Encoding.ASCII.GetBytes(token, bytes.AsSpan(offset));
            var first = offset == 0 ? 0 : 3;
            var length = (offset + token.Length - first) / 3 * 3;
            var inner = Base64Url.EncodeToString(bytes.AsSpan(first, length));
            if (line.Contains(inner, StringComparison.Ordinal) || (inner.AsSpan().ContainsAny('-', '_') && line.Contains(inner.Replace('-', '+').Replace('_', '/'), StringComparison.Ordinal)))
                return true;
        }
        return false;
    }

    private async Task StopAsync(ResponseTransformContext context, RoutePolicy policy, string header)
    {
        var http = context.HttpContext;
        Record(http, policy, header);
        context.SuppressResponseBody = true;
        RouteLimits.ClearButLimits(http.Response, context.ProxyResponse!.Headers, policy);
        own.Mark(http);
        await answer.WriteAsync(http, Leaked);
    }

    private void Record(HttpContext http, RoutePolicy policy, string header)
    {
        logger.TokenLeakStopped(policy.RouteId, header, http.TraceIdentifier);
        audit.Record(new AuditEvent(AuditNames.TokenLeakStopped)
        {
            Route = policy.RouteId,
            OrgId = http.Features.Get<Forwarding>()!.Permit.Organization?.Id ?? http.Features.Get<Forwarding>()!.Permit.AnonymousOrg,
            RequestId = http.TraceIdentifier,
        });
    }

    private sealed class TrailerGuard(LeakGuard guard) : ResponseTrailersTransform
    {
        public override ValueTask ApplyAsync(ResponseTrailersTransformContext context)
        {
            var http = context.HttpContext;
            if (context.ProxyResponse is { } response && http.Features.Get<Forwarding>() is { Token: { } token, Permit.Policy: { LeakGuard: true } policy }
                && http.Features.Get<IHttpResponseTrailersFeature>() is { } trailers)
                while (Find(response.TrailingHeaders, token, trailers.Trailers) is { } name)
                {
                    trailers.Trailers.Remove(name);
                    guard.Record(http, policy, name);
                }
            return ValueTask.CompletedTask;
        }
    }
}
