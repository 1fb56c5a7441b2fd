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

    public static ValueTask BufferAsync(RequestTransformContext context) =>
        context.ProxyRequest.Content is { } content and not ByteArrayContent && context.HttpContext.Request.ContentLength is > 0 and <= Longest and var length
            ? ReadAsync(context, content, (int)length)
            : ValueTask.CompletedTask;

    private static async ValueTask ReadAsync(RequestTransformContext context, HttpContent streamed, int length)
    {
        var body = new byte[length];
        await context.HttpContext.Request.Body.ReadExactlyAsync(body, context.CancellationToken);
        var buffered = new ByteArrayContent(body);
        foreach (var (name, values) in streamed.Headers.NonValidated)
            buffered.Headers.TryAddWithoutValidation(name, values);
        context.ProxyRequest.Content = buffered;
    }
}
