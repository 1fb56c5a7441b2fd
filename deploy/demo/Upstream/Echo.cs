using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;

namespace OrgGateway.Demo.Upstream;

/// <summary>
/// Answers with the request exactly as it came, the bearer token included: for demonstrations and tests, which have to see
/// what the gateway sent. No app that people use should have such a page.
/// </summary>
internal static class Echo
{
    private const int MaxBody = 1024 * 1024;

    public static async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(
            new JsonObject
            {
                ["method"] = request.Method,
                ["path"] = mark < 0 ? target : target[..mark],
                ["query"] = mark < 0 ? "" : target[mark..],
                ["headers"] = new JsonObject(request.Headers.Select(header => KeyValuePair.Create(header.Key, Value([.. header.Value])))),
                ["body"] = await ReadBodyAsync(request, context.RequestAborted),
            },
            context.RequestAborted);
    }

    private static JsonNode? Value(string?[] values) =>
        values is [var single] ? single : new JsonArray([.. values.Select(value => (JsonNode?)value)]);

    private static async Task<string> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var kept = new byte[MaxBody];
        var length = await request.Body.ReadAtLeastAsync(kept, MaxBody, throwOnEndOfStream: false, cancellationToken);
        // What is over the limit is read and dropped, so that the sender is not cut off in the middle.
        await request.Body.CopyToAsync(Stream.Null, cancellationToken);
        return Encoding.UTF8.GetString(kept, 0, length);
    }
}
