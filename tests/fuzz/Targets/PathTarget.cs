using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrgGateway.Orgs;
using OrgGateway.Proxy;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Raw request targets, and the organization's segment in them: what passes reads the same for whoever decodes before or after splitting.</summary>
internal sealed partial class PathTarget : FuzzTarget
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override string Name => "path";
    public override int Inputs => 10_000;
    public override IReadOnlyList<string> Words => Fuzz.Words.Paths;

    public override byte[] Generate(SeededNumbers numbers) => Bytes(UrlGrammar.Target(numbers));

    public override FuzzOutcome Try(byte[] input)
    {
        var target = Text(input);
        // The server itself refuses these.
        if (!target.StartsWith('/') || target.Any(c => c is <= ' ' or > '~'))
            return FuzzOutcome.Refuse("no origin form");
        var context = new DefaultHttpContext();
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        if (RequestTarget.IsAmbiguous(context))
            return FuzzOutcome.Refuse("ambiguous");
        var path = target.Split('?')[0];
        FuzzViolation.Unless(!path.Contains('\\') && !path.Contains('#'), "a backslash or fragment passes");
        var segments = path.Split('/');
        var decoded = segments.Select(Decoded).ToArray();
        FuzzViolation.Unless(!Array.Exists(decoded, s => s.Contains('/') || s.Contains('\\') || s.Any(char.IsControl)), "a separator or control character comes out of an escape");
        FuzzViolation.Unless(PathString.FromUriComponent(path).Value!.Split('/').SequenceEqual(decoded), "the server decodes it to another path");
        FuzzViolation.Unless(!segments.Zip(decoded).Any(s => s.First.Contains(';') && s.Second.Split(';')[0] is "." or ".."), "a dot segment with a parameter passes");
        foreach (var segment in decoded.Skip(1))
            FuzzViolation.Unless(OrgSegment.IsValid(segment) == Grammar().IsMatch(segment), $"'{segment}' is judged against the grammar");
        return FuzzOutcome.Accept($"{Math.Min(5, segments.Length)} {path.Contains('%')} {path.Contains(';')} {path.Contains("//")} {path.Contains("..")} {Array.Exists(decoded, OrgSegment.IsValid)}");
    }

    private static string Decoded(string segment)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < segment.Length; i++)
            if (segment[i] == '%')
            {
                FuzzViolation.Unless(i + 2 < segment.Length && char.IsAsciiHexDigit(segment[i + 1]) && char.IsAsciiHexDigit(segment[i + 2]), "a broken escape passes");
                bytes.Add(Convert.FromHexString(segment.AsSpan(i + 1, 2))[0]);
                i += 2;
            }
            else
            {
                bytes.Add((byte)segment[i]);
            }
        try
        {
            return Strict.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            throw new FuzzViolation("broken UTF-8 passes");
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}(?<!\.)\z")]
    private static partial Regex Grammar();
}
