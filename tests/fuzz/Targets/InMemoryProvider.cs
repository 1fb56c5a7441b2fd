using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Oidc;
using OrgGateway.Tests.Jose;
using OrgGateway.Tests.Oidc;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Fuzz;

/// <summary>A provider whose documents come from memory, at a time that stands still.</summary>
internal sealed class InMemoryProvider
{
    public const string Issuer = "https://id.example.com";
    public const string ClientId = "gateway";
    public const long Now = 1767225600;
    public const string Metadata = """
        {"issuer":"https://id.example.com","authorization_endpoint":"https://id.example.com/authorize","token_endpoint":"https://id.example.com/token","jwks_uri":"https://id.example.com/jwks",
        "userinfo_endpoint":"https://id.example.com/userinfo","end_session_endpoint":"https://id.example.com/logout","pushed_authorization_request_endpoint":"https://id.example.com/par","revocation_endpoint":"https://id.example.com/revoke",
        "code_challenge_methods_supported":["S256","plain"],"require_pushed_authorization_requests":false,"authorization_response_iss_parameter_supported":true}
        """;

    private readonly Dictionary<string, IdentityProviderOptions> _options = new()
    {
        ["main"] = RelyingParty.Options(("Issuer", Issuer), ("ClientId", ClientId), ("ClientSecret", FuzzKeys.ClientSecret), ("IdTokenAlgorithms:0", "HS256"), ("IdTokenAlgorithms:1", "ES256")),
    };

    /// <summary>What the document of the metadata is.</summary>
    public byte[] Document { get; set; } = System.Text.Encoding.UTF8.GetBytes(Metadata);

    public FakeClock Clock { get; } = new(realTimers: true) { UtcNow = DateTimeOffset.FromUnixTimeSeconds(Now) };

    /// <summary>That has read nothing yet.</summary>
    public IdentityProviders New() => new(_options, "main", RelyingParty.Site, NewClient(), Clock, NullLoggerFactory.Instance);

    public HttpClient NewClient() => new(new Documents(this));

    private sealed class Documents(InMemoryProvider provider) : HttpMessageHandler
    {
        private static readonly byte[] Keys = System.Text.Encoding.UTF8.GetBytes($$"""{"keys":[{{TestKeys.Jwk(FuzzKeys.Ec, "ec").ToJsonString()}}]}""");

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new ByteArrayContent(request.RequestUri!.AbsolutePath == "/jwks" ? Keys : provider.Document) { Headers = { ContentType = new("application/json") } },
        });
    }
}
