using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Transforms;

namespace OrgGateway.Replay;

/// <summary>
/// Reads a small body before it is sent, so that it can be sent again. One of unknown or larger size streams as always, and its
/// request is never replayed (K21).
/// </summary>
public static class ReplayBody
{
    /// <summary>In bytes.</summary>
    public const int Longest = 64 * 1024;

    public static ValueTask BufferAsync(RequestTransformContext context)
    {
        if (context.ProxyRequest.Content is not { } content)
            return ValueTask.CompletedTask;
        var request = context.HttpContext.Request;
        if (request.ContentLength is > 0 and <= Longest and var length)
            return ReadAsync(context, content, (int)length);
        if (request.ContentLength == 0 || context.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            Take(context, content, []); // headers of a body that there is none of
        return ValueTask.CompletedTask;
    }

    private static async ValueTask ReadAsync(RequestTransformContext context, HttpContent streamed, int length)
    {
        var body = new byte[length];
        await context.HttpContext.Request.Body.ReadExactlyAsync(body, context.CancellationToken);
        Take(context, streamed, body);
    }

    private static void Take(RequestTransformContext context, HttpContent streamed, byte[] body)
    {
        var buffered = new ByteArrayContent(body);
        foreach (var (name, values) in streamed.Headers.NonValidated)
            buffered.Headers.TryAddWithoutValidation(name, values);
        context.ProxyRequest.Content = buffered;
    }
}
