using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Telemetry;

/// <summary>Takes OTLP over HTTP/protobuf and keeps the bytes: enough to see what is sent, whole spans included, as text.</summary>
public sealed class OtlpCollector : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _posts = new();
    private readonly int _port = FreePort.Next();
    private WebApplication? _app;

    public string Url => $"http://127.0.0.1:{_port}";

    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Url,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "300",
    };

    /// <summary>Everything posted to a path, as Latin-1: names and values of spans stand in it as they are.</summary>
    public string Posted(string path) => string.Concat(_posts.Where(p => p.Path == path).Select(p => Encoding.Latin1.GetString(p.Body)));

    /// <summary>Posts whose bytes hold a text.</summary>
    public int Count(string path, string text) => Posted(path).Split(text).Length - 1;

    /// <summary>Spans of a trace that have a name: in the wire format of a span, ids and state stand before the name.</summary>
    public int SpansOf(string trace, string name)
    {
        const int Between = 80;
        var all = Posted("/v1/traces");
        var count = 0;
        for (var at = all.IndexOf(trace, StringComparison.Ordinal); at >= 0; at = all.IndexOf(trace, at + trace.Length, StringComparison.Ordinal))
            if (all.AsSpan(at, Math.Min(Between, all.Length - at)).IndexOf(name, StringComparison.Ordinal) >= 0)
                count++;
        return count;
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port));
        _app = builder.Build();
        _app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _posts.Enqueue((context.Request.Path, body.ToArray()));
            context.Response.ContentType = "application/x-protobuf";
        });
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }
}
