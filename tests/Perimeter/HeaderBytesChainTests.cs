using System.Net;
using System.Net.Sockets;
using System.Text;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Perimeter;

/// <summary>What stands in header values beyond ASCII is between the browser and the app: it passes as it comes, and is no failure of anybody's.</summary>
[Collection(PerimeterServers.Collection)]
public sealed class HeaderBytesChainTests(PerimeterServers servers)
{
    [Fact, Trait("Row", "T13"), Trait("Row", "T15"), Trait("Row", "T16")]
    public async Task Values_beyond_ASCII_pass_in_both_directions()
    {
        // Bytes as Latin-1 text, since that is how they are sent and read here: the first is UTF-8, the second is not.
        const string utf8 = "caf\u00c3\u00a9", latin = "caf\u00e9";
        var cookie = await servers.CookieAsync("alice@acme.test");
        using var listener = new TcpListener(IPAddress.Loopback, servers.OwnApp);
        listener.Start();
        var app = AnswerOnceAsync(listener, $"Content-Disposition: attachment; filename=\"{utf8}.pdf\"\r\nSet-Cookie: a={utf8}\r\nSet-Cookie: orggw={utf8}\r\nX-Old: {latin}\r\nLocation: /own/{utf8}\r\n");
        var answer = await RawHttp.GetAsync(servers.Stack.Url, "/own/x", $"{cookie}; name={utf8}", $"Referer: http://app.test/{utf8}");
        var received = await app;

        Assert.Equal(200, answer.Status);
        Assert.Contains($"Cookie: name={utf8}\r\n", received, StringComparison.Ordinal);
        Assert.Contains($"Referer: http://app.test/{utf8}\r\n", received, StringComparison.Ordinal);
        Assert.Contains($"filename=\"{utf8}.pdf\"\r\n", answer.Text, StringComparison.Ordinal);
        Assert.Contains($"Set-Cookie: a={utf8}\r\n", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("orggw", answer.Text, StringComparison.Ordinal);
        Assert.Contains($"X-Old: {latin}\r\n", answer.Text, StringComparison.Ordinal);
        Assert.Contains("Location: /own/caf%C3%A9\r\n", answer.Text, StringComparison.Ordinal); // as a browser reads it
    }

    /// <returns>The head that came in.</returns>
    private static async Task<string> AnswerOnceAsync(TcpListener listener, string lines)
    {
        using var socket = await listener.AcceptTcpClientAsync();
        using var reader = new StreamReader(socket.GetStream(), Encoding.Latin1);
        var head = new StringBuilder();
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
            head.Append(line).Append("\r\n");
        await socket.GetStream().WriteAsync(Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\n{lines}Content-Length: 2\r\n\r\nok"));
        return head.ToString();
    }
}
