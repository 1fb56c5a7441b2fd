using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace OrgGateway.Tests.Bearer;

/// <summary>A program that calls with whatever credentials a test gives it.</summary>
public sealed class BearerClient(Uri gateway) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };

    public async Task<MachineAnswer> GetAsync(string path, string? bearer, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway, path));
        if (bearer is not null)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + bearer);
        change?.Invoke(request);
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        var isJson = answer.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true;
        return new(
            answer.StatusCode, isJson && text.Length > 0 ? JsonNode.Parse(text) : null,
            answer.Headers.Concat(answer.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase)) { Text = text };
    }

    /// <summary>Header lines as given, repetition included.</summary>
    public async Task<int> RawAsync(string path, params string[] lines)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(gateway.Host, gateway.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {gateway.Authority}\r\nConnection: close\r\n{string.Concat(lines.Select(l => l + "\r\n"))}\r\n"));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var status = await reader.ReadLineAsync(bound.Token);
        return int.Parse(status!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    public void Dispose() => _http.Dispose();
}

/// <param name="Body">Where it is JSON.</param>
public sealed record MachineAnswer(HttpStatusCode Status, JsonNode? Body, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The body as it came.</summary>
    public string Text { get; init; } = "";

    public string? Code => (string?)Body?["code"];

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>What the echoing upstream got.</summary>
    public string? Arrived(string name) => (string?)Body?["headers"]?[name.ToLowerInvariant()];
}
