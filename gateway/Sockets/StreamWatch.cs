using OrgGateway.Access;
using Yarp.ReverseProxy.Transforms;

namespace OrgGateway.Sockets;

/// <summary>
/// Finds the responses that revocation must be able to cut. One that says how short it is costs a comparison; one of unknown
/// length or a long one is noted without a lock, and only what is still running at the next sweep is registered.
/// </summary>
public sealed class StreamWatch(LiveConnections connections, OpeningAccess access) : ResponseTransform
{
    /// <summary>Bytes that are sent long before anybody could revoke anything.</summary>
    private const long Short = 256 * 1024;

    private StreamingResponse? _young;

    public override ValueTask ApplyAsync(ResponseTransformContext context)
    {
        var http = context.HttpContext;
        if (context.ProxyResponse is null || http.Response.ContentLength is <= Short || HttpMethods.IsHead(http.Request.Method)
            || http.Response.StatusCode is StatusCodes.Status101SwitchingProtocols or StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)
            return ValueTask.CompletedTask;
        // Nobody's access can end.
        if (HttpMethods.IsConnect(http.Request.Method) || http.Features.Get<Permit>() is not { Identity: not null } permit)
            return ValueTask.CompletedTask;
        var response = new StreamingResponse(permit, http, IsEventStream(http.Response.ContentType));
        http.Response.OnCompleted(
            static state =>
            {
                ((StreamingResponse)state).Finish();
                return Task.CompletedTask;
            },
            response);
        do
            response.Next = _young;
        while (Interlocked.CompareExchange(ref _young, response, response.Next) != response.Next);
        return ValueTask.CompletedTask;
    }

    /// <summary>Registers what has begun since the last time and still runs, and takes out what has ended.</summary>
    public void Settle(List<LiveConnection> open)
    {
        foreach (var connection in open)
            if (connection is StreamingResponse { IsFinished: true })
                connections.Remove(connection);
        for (var response = Interlocked.Exchange(ref _young, null); response is not null; response = response.Next)
            if (!response.IsFinished)
                _ = RegisterAsync(response);
    }

    private async Task RegisterAsync(StreamingResponse response)
    {
        connections.TryAdd(response);
        // Registered first, then checked: what was revoked before is seen here, what comes later finds it.
        if (connections.IsDraining && response.IsEndless)
            response.Close(CloseReason.Restart);
        else if (await access.CheckAsync(response, CancellationToken.None) is { } why)
            response.Close(why);
    }

    private static bool IsEventStream(string? contentType) => contentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) ?? false;
}
