using System.Net;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Raw requests to a running gateway: it answers or closes, never with a 500, and is as well afterwards as before.</summary>
internal abstract class WireTarget(Lazy<WireServers> servers) : FuzzTarget
{
    private const long MostMemory = 900L * 1024 * 1024;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    public override int Inputs => 400;
    public override IReadOnlyList<string> Words { get; } = [.. Fuzz.Words.Paths, .. Fuzz.Words.Headers.Select(name => name + ": evil\r\n"), "Transfer-Encoding: chunked\r\n", "Content-Length: 3\r\n", "5\r\nhello\r\n0\r\n\r\n", "\r\n\r\n", "GET /orgs/acme/x HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.0", "HTTP/2.0", "{session}"];
    public override long Allocated => 4 * 1024 * 1024;

    protected WireServers Servers => servers.Value;

    protected abstract Uri Server { get; }

    /// <param name="text">The request as it was sent.</param>
    protected abstract void Judge(string text, int status, string answer);

    public override FuzzOutcome Try(byte[] input)
    {
        var text = Placeholders.Fill(Text(input), Servers.Stack.Origin, Servers.Session, Servers.Stack.Provider.Issuer, null);
        // Every connection is for one request; what is cut within its headers is not waited for.
        if (text.IndexOf("\r\n", StringComparison.Ordinal) is var line and > 0)
            text = text[..line] + "\r\nConnection: close" + text[line..];
        if (!text.Contains("\r\n\r\n", StringComparison.Ordinal))
            text += "\r\n\r\n";
        var number = input.Aggregate(17, (sum, b) => unchecked((sum * 31) + b)) & int.MaxValue;
        var answer = WireClient.Send(Server.Port, Bytes(text), AddressOf(number), FrameGrammar.Frames(new SeededNumbers(number), masked: true));
        var status = answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) && int.TryParse(answer.AsSpan(9, 3), out var code) ? code : 0;
        FuzzViolation.Unless(!answer.Contains("HTTP/1.1 500", StringComparison.Ordinal), "500 over the wire");
        FuzzViolation.Unless(Servers.Stack.Gateway.ExitCode is null, "the gateway has ended");
        Judge(text, status, answer);
        var type = answer.Split("\r\n\r\n")[0].Split("\r\n").FirstOrDefault(header => header.StartsWith("Content-Type:", StringComparison.OrdinalIgnoreCase));
        return new(status is >= 200 and < 300 or 101, $"{status} {type}");
    }

    public override void End()
    {
        if (!servers.IsValueCreated)
            return;
        Wait.UntilAsync(() => Servers.Stack.Upstream.OpenSockets == 0, Bound, "sockets of clients that went away are closed").GetAwaiter().GetResult();
        var answer = RawHttp.GetAsync(Servers.Stack.Url, "/auth/session").GetAwaiter().GetResult();
        FuzzViolation.Unless(answer.Status == 200, $"the gateway answers {answer.Status} afterwards");
        var memory = File.ReadLines($"/proc/{Servers.Stack.Gateway.ProcessId}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        FuzzViolation.Unless(long.Parse(memory, System.Globalization.CultureInfo.InvariantCulture) * 1024 < MostMemory, $"the gateway holds {memory} kB");
    }

    private static IPAddress AddressOf(int number) => new([127, 0, (byte)(1 + (number % 40)), (byte)(1 + (number % 199))]);
}
