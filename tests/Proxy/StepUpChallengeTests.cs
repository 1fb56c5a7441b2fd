using System.Net;
using OrgGateway.Access;
using OrgGateway.Identities;
using OrgGateway.Proxy;

namespace OrgGateway.Tests.Proxy;

/// <summary>What counts as an upstream's demand for another sign-in, and what meets it.</summary>
public sealed class StepUpChallengeTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory, Trait("Row", "O72")]
    [InlineData("Bearer error=\"insufficient_user_authentication\", max_age=\"60\"", "max_age=60")]
    [InlineData("Bearer error=\"insufficient_user_authentication\", max_age=0", "max_age=0")]
    [InlineData("DPoP algs=\"ES256\", error=\"insufficient_user_authentication\", acr_values=\"a  b\"", "acr_values=a%20b")]
    [InlineData("Basic realm=\"x\", Bearer realm=\"a, error=b\", error=\"insufficient_user_authentication\", acr_values=\"a\",max_age=5", "max_age=5&acr_values=a")]
    [InlineData("Bearer error=insufficient_user_authentication,acr_values=a", "acr_values=a")]
    [InlineData("Bearer error=\"insufficient_user_authentication\"", null)]
    [InlineData("Bearer error=\"insufficient_user_authentication\", max_age=\"-5\"", null)]
    [InlineData("Bearer error=\"insufficient_user_authentication\", max_age=\"99999999999\"", null)]
    [InlineData("Bearer error=\"insufficient_user_authentication\", acr_values=\"ä\"", null)]
    [InlineData("Bearer error=\"insufficient_scope\", acr_values=\"a\"", null)]
    [InlineData("Bearer error_description=\"insufficient_user_authentication\", acr_values=\"a\"", null)]
    [InlineData("Bearer", null)]
    [InlineData("Bearer error=\"insufficient_user_authentication", null)]
    [InlineData("=,=,\"", null)]
    [InlineData("", null)]
    public void A_challenge_is_read_as_RFC_9470_has_it_or_not_at_all(string header, string? demand)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.Unauthorized);
        response.Headers.TryAddWithoutValidation("WWW-Authenticate", header);
        Assert.Equal(demand, StepUpChallenge.Read(response)?.ToQuery());
    }

    [Theory, Trait("Row", "A21")]
    [InlineData("60", null, 60, null, true)]
    [InlineData("60", null, 61, null, false)]
    [InlineData("60", null, null, null, false)]
    [InlineData(null, "phr phrh", null, "phrh", true)]
    [InlineData(null, "phr phrh", null, "ph", false)]
    [InlineData(null, "phr", null, null, false)]
    [InlineData("60", "phr", 10, "phr", true)]
    [InlineData("60", "phr", 10, "pwd", false)]
    public void A_demand_is_met_by_a_sign_in_that_says_so(string? maxAge, string? acr, int? age, string? has, bool met)
    {
        var identity = new Identity
        {
            Kind = IdentityKind.User, Issuer = "https://id.example.test", Subject = "alice", Acr = has, AuthenticatedAt = age is { } seconds ? Now.AddSeconds(-seconds) : null,
        };
        Assert.Equal(met, StepUp.TryParse(maxAge, acr)!.IsMetBy(identity, Now));
    }
}
