using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Inlets;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Claims of security event tokens (RFC 8417, CAEP): who is named is the one that the subject names, never more.</summary>
internal sealed class EventTarget : FuzzTarget
{
    private const string Issuer = "https://events.example.com";
    private const string Revoked = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
    private const string Changed = "https://schemas.openid.net/secevent/caep/event-type/token-claims-change";
    private readonly Transmitter _transmitter;
    private readonly JsonGrammar _grammar = new(
        Sample("""{"format":"iss_sub","iss":"https://id.example.com","sub":"alice"}"""),
        Sample("""{"format":"opaque","id":"alice"}"""),
        Sample("""{"format":"complex","user":{"format":"iss_sub","iss":"https://id.example.com","sub":"alice"},"session":{"format":"opaque","id":"s"}}"""),
        Sample("""{"format":"complex","session":{"format":"opaque","id":"s"},"tenant":{"format":"opaque","id":"t"}}"""),
        Sample("""{"format":"email","email":"alice@acme.test"}"""))
    { Values = ["iss_sub", "opaque", "complex", "email", "https://id.example.com", "https://other.example", "alice"] };

    public EventTarget()
    {
        var source = new InMemoryProvider();
        _transmitter = new("t", new TransmitterOptions { Issuer = Issuer, Audience = "gateway" }, source.New().Default!, source.NewClient(), source.Clock, NullLogger<Transmitter>.Instance);
    }

    public override string Name => "event";
    public override IReadOnlyList<string> Words => Fuzz.Words.Json;

    public override byte[] Generate(SeededNumbers numbers) => Bytes(_grammar.Text(numbers, calm: 30));

    public override FuzzOutcome Try(byte[] input)
    {
        if (VerifiedClaims.Of(input) is not { } claims)
            return FuzzOutcome.Refuse("no token holds it");
        var read = SecurityEvent.Read(claims, _transmitter, DateTimeOffset.FromUnixTimeSeconds(InMemoryProvider.Now), _transmitter.Subjects.IsIssuer, out var refusal);
        if (read is null)
            return FuzzOutcome.Refuse(refusal);
        FuzzViolation.Unless(Text(claims, "iss") == Issuer && !claims.TryGetProperty("sub", out _) && !claims.TryGetProperty("exp", out _), "no event of this transmitter");
        var subject = claims.TryGetProperty("sub_id", out var named) ? named : default;
        FuzzViolation.Unless((read.RevokesSession || read.ChangesClaims) == (read.Subject is not null || read.SessionId is not null), "something is to happen to nobody, or nothing to somebody");
        FuzzViolation.Unless(read.Subject is null || Users(subject).Contains(read.Subject), "another person than named");
        FuzzViolation.Unless(read.SessionId is null || (Member(subject, "session") is { } session && Text(session, "id") == read.SessionId), "another session than named");
        FuzzViolation.Unless(read.SessionId is not null || !read.RevokesSession || Member(subject, "session") is null || Text(subject, "format") != "complex", "a session is named, and all of a person's end");
        return FuzzOutcome.Accept($"{read.Subject is null} {read.SessionId is null} {read.RevokesSession} {read.ChangesClaims}");
    }

    private static IEnumerable<string?> Users(JsonElement subject) => new[] { subject, Member(subject, "user") ?? default }
        .SelectMany(one => Text(one, "format") switch
        {
            "iss_sub" when Text(one, "iss")?.TrimEnd('/') == InMemoryProvider.Issuer => new[] { Text(one, "sub") },
            "opaque" => [Text(one, "id")],
            _ => [],
        });

    private static JsonElement? Member(JsonElement from, string name) => from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var member) ? member : null;

    private static string? Text(JsonElement from, string name) => Member(from, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static string Sample(string subject) => $$$"""{"iss":"{{{Issuer}}}","aud":"gateway","iat":1767225600,"jti":"j","sub_id":{{{subject}}},"events":{"{{{Revoked}}}":{},"{{{Changed}}}":{"claims":{} } } }""";
}
