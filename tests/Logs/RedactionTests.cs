using Microsoft.Extensions.Configuration;
using OrgGateway.Logs;

namespace OrgGateway.Tests.Logs;

public sealed class RedactionTests
{
    private readonly Redaction _redaction = new(["the-clients-secret", "short"]);

    [Theory]
    [InlineData("token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln here", "token *** here")]
    [InlineData("half of one: eyJhbGciOi", "half of one: ***")]
    [InlineData("Authorization: Bearer abcdefghijkl", "Authorization: Bearer ***")]
    [InlineData("GET http://app/orgs/acme?code=abc&state=def HTTP/1.1", "GET http://app/orgs/acme?*** HTTP/1.1")]
    [InlineData("redis://user:hunter2@redis:6379", "redis://***@redis:6379")]
    [InlineData("redis:6379,password=hunter2,ssl=true", "redis:6379,password=***,ssl=true")]
    [InlineData("sent the-clients-secret along", "sent *** along")]
    [InlineData("What now? A short word stays.", "What now? A short word stays.")]
    [InlineData("nothing to see", "nothing to see")]
    public void What_looks_like_a_secret_or_is_one_is_masked(string text, string cleaned) => Assert.Equal(cleaned, _redaction.Clean(text));

    [Theory]
    [InlineData("ClientSecret", true)]
    [InlineData("access_token", true)]
    [InlineData("Set-Cookie", true)]
    [InlineData("X-Api-Key", true)]
    [InlineData("TokenEndpoint", false)]
    [InlineData("Code", false)]
    [InlineData("Route", false)]
    public void Names_that_mean_a_secret_are_known(string name, bool secret) => Assert.Equal(secret, Redaction.IsSecretName(name));

    [Fact]
    [Trait("Row", "K26")]
    public void The_secrets_of_a_configuration_are_known_and_its_policies_are_none()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Gateway:IdentityProviders:main:ClientSecret"] = "client-secret-1",
            ["Gateway:Encryption:Keys:0:Secret"] = "sealing-secret-2",
            ["Gateway:Management:Token"] = "management-token-3",
            ["Gateway:Store:Redis"] = "redis:6379,password=redis-password-4",
            ["ReverseProxy:Routes:a:Metadata:Token"] = "organization",
        }).Build();
        Assert.Equal(["client-secret-1", "management-token-3", "redis-password-4", "sealing-secret-2"], Redaction.SecretsOf(configuration).Order());
    }
}
