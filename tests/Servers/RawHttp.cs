using System.Net.Sockets;
using System.Text;

namespace OrgGateway.Tests.Servers;

/// <summary>Bytes to a server and the answer back, for requests that no client library would send.</summary>
public static class RawHttp
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    /// <summary>Sends one request as it is and reads until the server closes; <c>Connection: close</c> is the caller's to send.</summary>
    public static async Task<RawAnswer> SendAsync(Uri server, string request)
    {
        using var bound = new CancellationTokenSource(Bound);
        using var socket = new TcpClient { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", server.Port, bound.Token);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), bound.Token);
        var answer = new StringBuilder();
        var buffer = new byte[8192];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, bound.Token)) > 0)
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // Reset after the answer: what came is the answer.
        }
        return new RawAnswer(answer.ToString());
    }

    /// <summary>A GET with a raw target and raw header lines.</summary>
    public static Task<RawAnswer> GetAsync(Uri server, string target, params string[] lines) => RequestAsync(server, "GET", target, lines);

    public static Task<RawAnswer> RequestAsync(Uri server, string method, string target, params string[] lines) =>
        SendAsync(server, $"{method} {target} HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: close\r\n{string.Concat(lines.Select(line => line + "\r\n"))}\r\n");
}

/// <summary>Everything a server sent before it closed.</summary>
public sealed record RawAnswer(string Text)
{
    /// <summary>Of the first answer; 0 where there was none.</summary>
    public int Status => Text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? int.Parse(Text.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture) : 0;

    public string Body => Text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is var end and >= 0 ? Text[(end + 4)..] : "";

    public string? Header(string name) => Text.Split("\r\n\r\n")[0].Split("\r\n").Skip(1)
        .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)) is { } line ? line[(name.Length + 1)..].Trim() : null;
}
