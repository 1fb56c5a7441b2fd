using System.Net.Sockets;
using System.Text;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sockets;

/// <summary>A connection that says exactly what a test wants said.</summary>
public sealed class RawHttp : IDisposable
{
    private readonly TcpClient _client = new();
    private readonly List<byte> _read = [];

    public static async Task<RawHttp> ConnectAsync(Uri url)
    {
        var raw = new RawHttp();
        await raw._client.ConnectAsync(url.Host, url.Port);
        return raw;
    }

    public string Text => Encoding.Latin1.GetString([.. _read]);

    public async Task SendAsync(string text) => await _client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text.ReplaceLineEndings("\r\n")));

    public async Task SendAsync(byte[] bytes) => await _client.GetStream().WriteAsync(bytes);

    /// <summary>Reads until the text satisfies, or to the end of the connection.</summary>
    public async Task<string> ReadAsync(Func<string, bool>? until = null)
    {
        using var bound = new CancellationTokenSource(SocketClient.Bound);
        var buffer = new byte[16 * 1024];
        try
        {
            while (until is null || !until(Text))
            {
                var count = await _client.GetStream().ReadAsync(buffer, bound.Token);
                if (count == 0)
                    break;
                _read.AddRange(buffer.AsSpan(0, count));
            }
        }
        catch (IOException)
        {
            // Reset: the end all the same.
        }
        var text = Text;
        _read.Clear();
        return text;
    }

    /// <summary>One answer with its body, by its Content-Length or chunks' end.</summary>
    public Task<string> AnswerAsync() => ReadAsync(static text =>
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return false;
        var length = text.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return length is null
            ? !text.Contains("chunked", StringComparison.OrdinalIgnoreCase) || text.EndsWith("0\r\n\r\n", StringComparison.Ordinal)
            : text.Length - end - 4 >= int.Parse(length.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
    });

    public void Dispose() => _client.Dispose();
}
