using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace OrgGateway.Tests.Servers;

/// <summary>Answers that no provider should give.</summary>
public static class HostileAnswers
{
    public static Func<HttpContext, Task> Json(JsonNode body, int status = 200) => Text(body.ToJsonString(), "application/json", status);

    public static Func<HttpContext, Task> Text(string body, string contentType, int status = 200) => context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        return context.Response.WriteAsync(body);
    };

    public static Func<HttpContext, Task> Status(int status) => context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    public static Func<HttpContext, Task> RedirectTo(string location) => context =>
    {
        context.Response.Redirect(location, permanent: false, preserveMethod: true);
        return Task.CompletedTask;
    };

    /// <summary>Resets the connection after the request was read.</summary>
    public static Task Reset(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    /// <summary>Says nothing until the client gives up.</summary>
    public static Task Silence(HttpContext context) => UntilAbortedAsync(context);

    /// <summary>Begins a JSON object and never ends it, as fast as the client reads.</summary>
    public static async Task Endless(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        var chunk = Encoding.ASCII.GetBytes(new string(' ', 64 * 1024));
        await context.Response.WriteAsync("{");
        while (!context.RequestAborted.IsCancellationRequested)
            await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
    }

    /// <summary>Begins a JSON object and then says nothing more.</summary>
    public static async Task Stalled(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync("{");
        await context.Response.Body.FlushAsync();
        await UntilAbortedAsync(context);
    }

    private static async Task UntilAbortedAsync(HttpContext context)
    {
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = context.RequestAborted.Register(aborted.SetResult);
        await aborted.Task;
    }
}
