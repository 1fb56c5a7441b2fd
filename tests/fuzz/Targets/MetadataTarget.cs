using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Discovery documents: every endpoint that comes out is https, at a host and nothing else, and of the issuer that was configured.</summary>
internal sealed class MetadataTarget : FuzzTarget
{
    private readonly InMemoryProvider _provider = new();
    private readonly JsonGrammar _grammar = new(InMemoryProvider.Metadata)
    {
        Values =
        [
            "https://id.example.com/", "https://id.example.com//", "http://id.example.com/x", "https://user:pass@id.example.com/x", "https://id.example.com/x#f", "file:///etc/passwd", "javascript:alert(1)", "https:///x", "https://[::1", "//id.example.com/x", "/x",
            "https://id.example.com:99999/x", "https://\u00e9.example/x", "HTTPS://ID.EXAMPLE.COM/x", "http://127.0.0.1/x", "https://xn--/x", "https://id.example.com/%zz", "urn:x", "plain", "S256",
        ],
    };

    public override string Name => "metadata";
    public override IReadOnlyList<string> Words => Fuzz.Words.Json;

    public override byte[] Generate(SeededNumbers numbers) => Bytes(_grammar.Text(numbers));

    public override FuzzOutcome Try(byte[] input)
    {
        _provider.Document = input;
        if (_provider.New().Default!.GetMetadataAsync(CancellationToken.None).GetAwaiter().GetResult() is not { } metadata)
            return FuzzOutcome.Refuse();
        FuzzViolation.Unless(metadata.Issuer is InMemoryProvider.Issuer or InMemoryProvider.Issuer + "/", $"the document of {metadata.Issuer} counts");
        Uri?[] endpoints = [metadata.AuthorizationEndpoint, metadata.TokenEndpoint, metadata.JwksUri, metadata.UserInfoEndpoint, metadata.EndSessionEndpoint, metadata.PushedAuthorizationEndpoint, metadata.RevocationEndpoint];
        foreach (var endpoint in endpoints.OfType<Uri>())
            FuzzViolation.Unless(endpoint is { Scheme: "https", UserInfo: "", Fragment: "" } && endpoint.Host.Length > 0, $"{endpoint} may be used");
        FuzzViolation.Unless(metadata.CodeChallengeMethods is null || metadata.CodeChallengeMethods.Contains("S256"), "PKCE is given up");
        return FuzzOutcome.Accept($"{string.Concat(endpoints.Select(e => e is null ? '-' : '+'))} {metadata.AnnouncesIss} {metadata.RequiresPushedAuthorization} {metadata.CodeChallengeMethods?.Count} {metadata.Issuer.Length}");
    }
}
