using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Oidc;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>ID Tokens with a right signature and wrong claims, and the other way round.</summary>
internal sealed class IdTokenTarget : FuzzTarget
{
    private const string Nonce = "n-0S6_WzA2Mj";
    private static readonly IdTokenExpectation Expected = new() { Nonce = Nonce, AccessToken = "an access token" };
    private readonly InMemoryProvider _source = new();
    private readonly IdTokenValidator _validator;
    private readonly IdentityProvider _provider;
    private readonly TokenGrammar _tokens = new(
        new JsonGrammar(
            $$"""{"iss":"{{InMemoryProvider.Issuer}}","sub":"alice","aud":"gateway","exp":1767225900,"iat":1767225600,"auth_time":1767225500,"nonce":"{{Nonce}}","sid":"s-1","acr":"phr","at_hash":"77QmUPtjPfzWtF2AnpK9RQ"}""",
            $$"""{"iss":"{{InMemoryProvider.Issuer}}","sub":"alice","aud":["gateway"],"azp":"gateway","exp":1767225900.5,"iat":1767225600,"nonce":"{{Nonce}}"}""",
            $$"""{"iss":"{{InMemoryProvider.Issuer}}/","sub":"alice","aud":["gateway","other"],"exp":1767225900,"iat":1767225600,"nonce":"{{Nonce}}","events":{} }""")
        { Values = ["gateway", "gateway/", "other", Nonce, InMemoryProvider.Issuer, "alice"] },
        """{"alg":"HS256"}""", """{"alg":"HS256","typ":"JWT"}""", """{"alg":"HS256","typ":"at+jwt"}""", """{"alg":"HS256","kid":"x"}""", """{"alg":"HS256","typ":"application/jwt"}""", """{"alg":"ES256","kid":"ec"}""");

    public IdTokenTarget()
    {
        _provider = _source.New().Default!;
        _validator = new(_source.Clock, NullLogger.Instance);
    }

    public override string Name => "id-token";
    public override long Allocated => 256 * 1024;

    public override byte[] Generate(SeededNumbers numbers) => Bytes(_tokens.Token(numbers, calm: 40));

    public override FuzzOutcome Try(byte[] input)
    {
        switch (_validator.ValidateAsync(_provider, Text(input), Expected, CancellationToken.None).GetAwaiter().GetResult())
        {
            case IdTokenResult.Valid(var token):
                AssertHolds(new ReferenceToken(Text(input)));
                return FuzzOutcome.Accept($"{token.Acr is null} {token.AuthTime is null} {token.SessionId is null}");
            case IdTokenResult.Refused(var reason):
                return FuzzOutcome.Refuse(reason);
            default:
                throw new FuzzViolation("a token makes the provider unavailable");
        }
    }

    private void AssertHolds(ReferenceToken token)
    {
        FuzzViolation.Unless(token.Text("iss") == InMemoryProvider.Issuer, "another issuer's");
        FuzzViolation.Unless(token.IsFor(InMemoryProvider.ClientId, alone: true), "for others, too");
        FuzzViolation.Unless(!token.Has("azp") || token.Text("azp") == InMemoryProvider.ClientId, "of another authorized party");
        FuzzViolation.Unless(token.IsOf(InMemoryProvider.Now, _provider.Options.MaxIdTokenAge, _provider.Options.ClockSkew), "of another time");
        FuzzViolation.Unless(token.Text("nonce") == Nonce, "of another sign-in");
        FuzzViolation.Unless(token.Text("sub") is { Length: > 0 and <= 255 } sub && sub.All(c => c is >= ' ' and <= '~'), "of nobody");
        FuzzViolation.Unless(!token.Has("events"), "a logout token");
        FuzzViolation.Unless(token.Type is null || token.Type.EndsWith("jwt", StringComparison.OrdinalIgnoreCase) && !token.Type.Contains('+'), "of another kind");
    }
}
