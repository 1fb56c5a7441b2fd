using Microsoft.AspNetCore.Http;
using OrgGateway.Configuration;
using OrgGateway.Proxy;
using OrgGateway.Sessions;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Header lines of a caller: none that any server could read as one of the gateway's goes on.</summary>
internal sealed class HeadersTarget : FuzzTarget
{
    private const string Separators = "!#$%&'*+.^_`|~-";
    private static readonly HashSet<string> Managed = [.. Fuzz.Words.Headers.Where(name => name is not ("X-Api-Key" or "X-Original-URI" or "X-Original-Method")).Append("X-Upstream-Token").Select(HeaderGrammar.Folded)];
    private readonly InboundHeaders _headers = new(["X-Upstream-Token"]);
    private readonly ForwardCookies _cookies = new(new SessionCookie(new SessionOptions(), new Site(new Uri("https://app.example.com"), [], "/auth")));

    public override string Name => "headers";
    public override int Inputs => 10_000;
    public override IReadOnlyList<string> Words { get; } = [.. Fuzz.Words.Headers, .. Fuzz.Words.PlainHeaders, ": evil\n", "__Host-orggw=", .. Separators.Select(s => s.ToString())];

    public override byte[] Generate(SeededNumbers numbers) => Bytes(string.Join('\n', HeaderGrammar.Lines(numbers, "__Host-orggw", new string('x', 43))));

    public override FuzzOutcome Try(byte[] input)
    {
        var headers = new HeaderDictionary();
        foreach (var line in Text(input).Split('\n').Select(line => line.Split(':', 2)))
            if (line.Length == 2 && line[0].Length > 0 && line[0].All(c => char.IsAsciiLetterOrDigit(c) || Separators.Contains(c)))
                headers.Append(line[0], line[1].Trim());
        var (before, asked) = (headers.Count, headers.ContainsKey("Connection"));
        _headers.Strip(headers);
        InboundHeaders.StripKey(headers);
        foreach (var (name, values) in headers)
        {
            FuzzViolation.Unless(!Managed.Contains(HeaderGrammar.Folded(name)) && HeaderGrammar.Folded(name) != "xapikey", $"'{name}' goes on");
            FuzzViolation.Unless(name != "Connection" || values is ["Upgrade" or "keep-alive"], "Connection names headers");
        }
        FuzzViolation.Unless(asked == headers.ContainsKey("Connection"), "Connection is gone");
        using var outgoing = new HttpRequestMessage();
        outgoing.Headers.TryAddWithoutValidation("Cookie", headers["Cookie"].AsEnumerable());
        _cookies.Strip(outgoing.Headers);
        var cookies = outgoing.Headers.NonValidated.TryGetValues("Cookie", out var lines) ? string.Join("; ", lines) : "";
        FuzzViolation.Unless(!cookies.Split(';').Any(pair => pair.Trim().StartsWith("__Host-orggw=", StringComparison.Ordinal)), "the session goes on");
        return new(headers.Count > 0, $"{Math.Min(8, before)} {Math.Min(8, before - headers.Count)} {cookies.Length > 0} {asked}");
    }
}
