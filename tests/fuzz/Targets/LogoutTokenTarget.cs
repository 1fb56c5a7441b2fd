using System.Text.Json;
using OrgGateway.Oidc;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Logout tokens (Back-Channel Logout 1.0 §2.6).</summary>
internal sealed class LogoutTokenTarget : FuzzTarget
{
    private const string Event = "http://schemas.openid.net/event/backchannel-logout";
    private readonly InMemoryProvider _source = new();
    private readonly LogoutTokenValidator _validator;
    private readonly IdentityProvider _provider;
    private readonly TokenGrammar _tokens = new(
        new JsonGrammar(
            $$$"""{"iss":"{{{InMemoryProvider.Issuer}}}","aud":"gateway","iat":1767225600,"exp":1767225700,"jti":"j","sub":"alice","events":{"{{{Event}}}":{} } }""",
            $$$"""{"iss":"{{{InMemoryProvider.Issuer}}}","aud":["gateway"],"iat":1767225600,"exp":1767225700,"jti":"j","sid":"s","events":{"{{{Event}}}":{},"x":1}}""",
            $$$"""{"iss":"{{{InMemoryProvider.Issuer}}}","aud":["gateway","other"],"iat":1767225600,"exp":1767225700,"jti":"j","sid":"s","nonce":"n","events":[]}""")
        { Values = ["gateway", "alice", InMemoryProvider.Issuer, Event] },
        """{"alg":"HS256"}""", """{"alg":"HS256","typ":"logout+jwt"}""", """{"alg":"HS256","typ":"JWT"}""", """{"alg":"HS256","typ":"at+jwt"}""", """{"alg":"HS256","typ":"application/logout+jwt"}""");

    public LogoutTokenTarget()
    {
        var providers = _source.New();
        (_provider, _validator) = (providers.Default!, new(providers, _source.Clock));
    }

    public override string Name => "logout-token";
    public override long Allocated => 256 * 1024;

    public override byte[] Generate(SeededNumbers numbers) => Bytes(_tokens.Token(numbers, calm: 40));

    public override FuzzOutcome Try(byte[] input)
    {
        switch (_validator.ValidateAsync(Text(input), CancellationToken.None).GetAwaiter().GetResult())
        {
            case LogoutTokenResult.Valid(var token):
                AssertHolds(new ReferenceToken(Text(input)), token);
                return FuzzOutcome.Accept($"{token.Subject is null} {token.SessionId is null}");
            case LogoutTokenResult.Refused(var reason):
                return FuzzOutcome.Refuse(reason);
            default:
                throw new FuzzViolation("a token makes the provider unavailable");
        }
    }

    private void AssertHolds(ReferenceToken said, LogoutToken taken)
    {
        FuzzViolation.Unless(said.Text("iss") == InMemoryProvider.Issuer && said.IsFor(InMemoryProvider.ClientId, alone: false), "another's");
        FuzzViolation.Unless(said.IsOf(InMemoryProvider.Now, LogoutTokenValidator.MaxAge, _provider.Options.ClockSkew), "of another time");
        FuzzViolation.Unless(!said.Has("nonce") && said.Of("events") is { ValueKind: JsonValueKind.Object } events && events.TryGetProperty(Event, out var logout) && logout.ValueKind == JsonValueKind.Object, "no logout");
        FuzzViolation.Unless(taken.Subject == said.Text("sub") && taken.SessionId == said.Text("sid") && taken.Id == said.Text("jti"), "about others than it says");
        FuzzViolation.Unless((taken.Subject ?? taken.SessionId) is { Length: > 0 and <= 255 }, "about nobody");
    }
}
