using System.Security.Cryptography;
using OrgGateway.Replay;

namespace OrgGateway.Tests.Replay;

/// <summary>What an upstream's challenge says of another token.</summary>
public sealed class ChallengeTests
{
    [Theory, Trait("Row", "T131")]
    [InlineData(null, true)]
    [InlineData("Bearer", true)]
    [InlineData("Bearer realm=\"a, error=insufficient_scope\"", true)]
    [InlineData("Bearer error=\"invalid_token\"", true)]
    [InlineData("bearer error = invalid_token , error_description=\"insufficient_scope\"", true)]
    [InlineData("JWT realm=\"api\"", true)]
    [InlineData("Basic realm=\"x\", Bearer", true)]
    [InlineData("Bearer error=\"insufficient_scope\"", false)]
    [InlineData("Basic realm=\"x\\\"\", Bearer scope=\"a\", ERROR=\"insufficient_scope\"", false)]
    [InlineData("Bearer error=insufficient_user_authentication", false)]
    [InlineData("Bearer error=\"invalid_request\"", false)]
    [InlineData("DPoP error=\"use_dpop_nonce\"", false)]
    [InlineData("Basic realm=\"x\"", false)]
    [InlineData("Negotiate", false)]
    [InlineData("=\"\"=,,\"", false)]
    public void Only_a_token_that_is_dead_is_worth_another(string? challenge, bool expected)
    {
        using var response = new HttpResponseMessage(System.Net.HttpStatusCode.Unauthorized);
        if (challenge is not null)
            response.Headers.TryAddWithoutValidation("WWW-Authenticate", challenge);
        Assert.Equal(expected, Challenge.AllowsAnother(response.Headers));
    }

    [Fact]
    public void Any_challenge_ends()
    {
        for (var i = 0; i < 20_000; i++)
        {
            using var response = new HttpResponseMessage();
            response.Headers.TryAddWithoutValidation("WWW-Authenticate", new string([.. Enumerable.Range(0, RandomNumberGenerator.GetInt32(30)).Select(_ => "abE=\",\\ \terror"[RandomNumberGenerator.GetInt32(14)])]));
            _ = Challenge.AllowsAnother(response.Headers);
        }
    }
}
