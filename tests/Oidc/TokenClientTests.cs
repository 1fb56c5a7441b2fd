using System.Text;
using System.Text.Json.Nodes;
using OrgGateway.Oidc;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Oidc;

public sealed class TokenClientTests(HostileProvider op) : IClassFixture<HostileProvider>, IAsyncLifetime
{
    public Task InitializeAsync()
    {
        (op.Token.Answer, op.ChangeTokens) = (null, null);
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact, Trait("Row", "O32"), Trait("Row", "O33")]
    public async Task With_client_secret_basic_id_and_secret_are_encoded_and_stand_in_the_header_alone()
    {
        using var rp = new RelyingParty(op, ("ClientId", "a client:1"), ("ClientSecret", "s p+:%&ü€"));

        Assert.IsType<TokenAnswer.Granted>(await rp.RedeemAsync());

        var request = op.Token.LastRequest;
        var credentials = Encoding.ASCII.GetString(Convert.FromBase64String(request.Authorization!["Basic ".Length..]));
        Assert.Equal("a+client%3A1:s+p%2B%3A%25%26%C3%BC%E2%82%AC", credentials);
        Assert.Equal(["code", "code_verifier", "grant_type", "redirect_uri"], request.Form.Keys.Order());
        Assert.Equal("authorization_code", request.Field("grant_type"));
        Assert.Equal("a code", request.Field("code"));
        Assert.Equal("a verifier", request.Field("code_verifier"));
        Assert.Equal("https://app.example.com/auth/callback", request.Field("redirect_uri"));
        Assert.Equal(("POST", ""), (request.Method, request.Query));
    }

    [Fact, Trait("Row", "O33")]
    public async Task With_client_secret_post_both_stand_in_the_body_alone()
    {
        using var rp = new RelyingParty(op, ("ClientAuthentication", "client_secret_post"));

        Assert.IsType<TokenAnswer.Granted>(await rp.Tokens.RefreshAsync(rp.Provider, "a+refresh/token=", null, CancellationToken.None));

        var request = op.Token.LastRequest;
        Assert.Null(request.Authorization);
        Assert.Equal(["client_id", "client_secret", "grant_type", "refresh_token"], request.Form.Keys.Order());
        Assert.Equal(HostileProvider.ClientId, request.Field("client_id"));
        Assert.Equal(HostileProvider.ClientSecret, request.Field("client_secret"));
        Assert.Equal("a+refresh/token=", request.Field("refresh_token"));
    }

    [Fact, Trait("Row", "O33")]
    public async Task A_public_client_sends_its_id_and_never_a_secret()
    {
        using var rp = new RelyingParty(op, ("ClientAuthentication", "none"));

        Assert.IsType<TokenAnswer.Granted>(await rp.RedeemAsync());

        var request = op.Token.LastRequest;
        Assert.Null(request.Authorization);
        Assert.Equal(HostileProvider.ClientId, request.Field("client_id"));
        Assert.Null(request.Field("client_secret"));
    }

    [Fact]
    public async Task Client_credentials_are_those_of_the_call()
    {
        using var rp = new RelyingParty(op);

        var answer = await rp.Tokens.ClientCredentialsAsync(new Uri(op.Origin + "/token"), "acme", "secret", "api", TimeSpan.FromSeconds(30), CancellationToken.None);

        Assert.Equal(HostileProvider.AccessToken, Assert.IsType<TokenAnswer.Granted>(answer).Tokens.AccessToken);
        var request = op.Token.LastRequest;
        Assert.Equal("Basic " + Convert.ToBase64String("acme:secret"u8), request.Authorization);
        Assert.Equal(["grant_type", "scope"], request.Form.Keys.Order());
        Assert.Equal(("client_credentials", "api"), (request.Field("grant_type"), request.Field("scope")));
    }

    [Theory, Trait("Row", "O35")]
    [InlineData("Bearer", "120", 120)]
    [InlineData("bearer", "\"120\"", 120)]
    [InlineData("BEARER", "120.5", 120.5)]
    [InlineData("Bearer", null, 300)]
    [InlineData("Bearer", "0", 300)]
    [InlineData("Bearer", "-1", 300)]
    [InlineData("Bearer", "\"soon\"", 300)]
    [InlineData("Bearer", "\"NaN\"", 300)]
    [InlineData("Bearer", "null", 300)]
    [InlineData("Bearer", "{}", 300)]
    [InlineData("Bearer", "1e300", 365 * 86400)]
    [InlineData("Bearer", "\"Infinity\"", 365 * 86400)]
    public async Task A_grant_is_read_tolerantly_and_never_lasts_for_ever(string type, string? expiresIn, double seconds)
    {
        op.ChangeTokens = tokens =>
        {
            tokens["token_type"] = type;
            tokens.Remove("expires_in");
            if (expiresIn is not null) tokens["expires_in"] = JsonNode.Parse(expiresIn);
        };
        using var rp = new RelyingParty(op);

        var tokens = Assert.IsType<TokenAnswer.Granted>(await rp.RedeemAsync()).Tokens;

        Assert.Equal("Bearer", tokens.TokenType);
        Assert.Equal(op.Clock.UtcNow.AddSeconds(seconds), tokens.Expires);
    }

    [Fact, Trait("Row", "T128"), Trait("Row", "O35")]
    public async Task Without_expires_in_and_refresh_token_the_configured_lifetime_holds_and_no_refresh_token_is_made_up()
    {
        op.ChangeTokens = tokens => tokens.Remove("expires_in");
        using var rp = new RelyingParty(op, ("DefaultTokenLifetime", "00:02:00"));

        var tokens = Assert.IsType<TokenAnswer.Granted>(await rp.Tokens.RefreshAsync(rp.Provider, "old", null, CancellationToken.None)).Tokens;

        Assert.Equal(op.Clock.UtcNow.AddMinutes(2), tokens.Expires);
        Assert.Null(tokens.RefreshToken);
    }

    [Fact]
    public async Task Everything_of_a_grant_is_kept_and_nothing_of_it_is_printed()
    {
        op.ChangeTokens = tokens =>
            (tokens["refresh_token"], tokens["refresh_expires_in"], tokens["scope"], tokens["id_token"]) = ("refresh-secret", 1800, "openid email", "the.id.token");
        using var rp = new RelyingParty(op);

        var answer = Assert.IsType<TokenAnswer.Granted>(await rp.RedeemAsync());

        Assert.Equal(
            (HostileProvider.AccessToken, "refresh-secret", op.Clock.UtcNow.AddMinutes(30), "the.id.token", "openid email"),
            (answer.Tokens.AccessToken, answer.Tokens.RefreshToken, answer.Tokens.RefreshTokenExpires!.Value, answer.Tokens.IdToken, answer.Tokens.Scope));
        Assert.All(
            [HostileProvider.AccessToken, "refresh-secret", "the.id.token", HostileProvider.ClientSecret, "a code", "a verifier"],
            secret => Assert.DoesNotContain(secret, answer + rp.Logs.Text, StringComparison.Ordinal));
    }

    [Theory, Trait("Row", "O35")]
    [InlineData("{\"access_token\":\"a\",\"token_type\":\"DPoP\"}", "other")]
    [InlineData("{\"access_token\":\"a\"}", "other")]
    [InlineData("{\"access_token\":\"a\\r\\nX-Auth-User-Id: b\",\"token_type\":\"Bearer\"}", "other")]
    [InlineData("{\"access_token\":7,\"token_type\":\"Bearer\"}", "other")]
    [InlineData("{\"token_type\":\"Bearer\"}", "other")]
    [InlineData("{\"error\":\"invalid_grant\"}", "invalid_grant")]
    public async Task A_success_that_holds_no_bearer_token_is_a_refusal(string body, string error)
    {
        op.Token.Answer = HostileAnswers.Text(body, "application/json");
        using var rp = new RelyingParty(op);
        Assert.Equal(new TokenAnswer.Refused(error), await rp.RedeemAsync());
    }

    [Theory, Trait("Row", "O36")]
    [InlineData(400, "invalid_grant", "invalid_grant")]
    [InlineData(401, "invalid_client", "invalid_client")]
    [InlineData(400, "invalid_scope", "invalid_scope")]
    [InlineData(403, "invalid_grant", "invalid_grant")]
    [InlineData(400, "INVALID_GRANT", "other")]
    [InlineData(400, "<script>secret-of-the-body</script>", "other")]
    public async Task A_refusal_is_mapped_to_known_codes_and_its_body_is_not_logged(int status, string error, string mapped)
    {
        op.Token.Answer = HostileAnswers.Json(new JsonObject { ["error"] = error, ["error_description"] = "secret-of-the-body" }, status);
        using var rp = new RelyingParty(op);

        Assert.Equal(new TokenAnswer.Refused(mapped), await rp.RedeemAsync());

        Assert.Equal(1, rp.Logs.Count("TokenRequestRefused"));
        Assert.DoesNotContain("secret-of-the-body", rp.Logs.Text, StringComparison.Ordinal);
    }

    [Theory, Trait("Row", "O36")]
    [InlineData(500, "{\"error\":\"invalid_grant\"}")]
    [InlineData(503, "")]
    [InlineData(429, "{\"error\":\"invalid_grant\"}")]
    [InlineData(400, "<html>secret-of-the-body</html>")]
    [InlineData(400, "{\"message\":\"secret-of-the-body\"}")]
    [InlineData(400, "{\"error\":\"temporarily_unavailable\"}")]
    [InlineData(200, "<html>secret-of-the-body</html>")]
    [InlineData(204, "")]
    public async Task An_answer_that_is_no_verdict_counts_as_none(int status, string body)
    {
        op.Token.Answer = status == 204 ? HostileAnswers.Status(204) : HostileAnswers.Text(body, "text/html", status);
        using var rp = new RelyingParty(op);

        Assert.Equal(new TokenAnswer.Unavailable(null), await rp.RedeemAsync());
        Assert.DoesNotContain("secret-of-the-body", rp.Logs.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("Tue, 01 Jan 2030 12:01:00 GMT", 60)]
    [InlineData("Mon, 01 Jan 2029 12:01:00 GMT", 0)]
    [InlineData("999999999", 3600)]
    public async Task An_overloaded_provider_may_say_when_to_come_back(string retryAfter, int seconds)
    {
        op.Token.Answer = context =>
        {
            context.Response.Headers.RetryAfter = retryAfter;
            return HostileAnswers.Status(503)(context);
        };
        using var rp = new RelyingParty(op);

        Assert.Equal(new TokenAnswer.Unavailable(TimeSpan.FromSeconds(seconds)), await rp.RedeemAsync());
    }

    [Fact, Trait("Row", "O37")]
    public async Task A_code_is_redeemed_once_even_if_no_answer_comes()
    {
        using var rp = new RelyingParty(op, ("BackchannelTimeout", "00:00:01"));
        // A first request, so that the next ones are on a connection used before, where the client library might send again.
        await rp.MetadataAsync();
        foreach (var hostile in new[] { HostileAnswers.Silence, HostileAnswers.Reset, HostileAnswers.Stalled })
        {
            op.Token.Answer = null;
            await rp.RedeemAsync();
            var hits = op.Token.Hits;
            op.Token.Answer = hostile;
            Assert.Equal(new TokenAnswer.Unavailable(null), await rp.RedeemAsync());
            Assert.Equal(hits + 1, op.Token.Hits);
        }
    }

    [Fact]
    public async Task A_redirect_takes_the_code_and_the_secret_nowhere()
    {
        await using var other = new HostileProvider();
        await other.InitializeAsync();
        op.Token.Answer = HostileAnswers.RedirectTo(other.Origin + "/token");
        using var rp = new RelyingParty(op);

        Assert.Equal(new TokenAnswer.Unavailable(null), await rp.RedeemAsync());
        Assert.Equal(0, other.Token.Hits);
    }

    [Fact]
    public async Task The_callers_own_cancellation_is_told_apart_from_a_slow_provider()
    {
        using var leaving = new CancellationTokenSource();
        op.Token.Answer = context =>
        {
            leaving.Cancel();
            return HostileAnswers.Silence(context);
        };
        using var rp = new RelyingParty(op);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rp.RedeemAsync(leaving.Token));
    }

    [Fact]
    public async Task Without_a_provider_there_is_no_verdict()
    {
        var gone = new HostileProvider();
        await gone.InitializeAsync();
        await gone.StopAsync();
        using var rp = new RelyingParty(gone);

        Assert.Equal(new TokenAnswer.Unavailable(null), await rp.RedeemAsync());
        Assert.Equal(new TokenAnswer.Unavailable(null), await rp.Tokens.ClientCredentialsAsync(
            new Uri(gone.Origin + "/token"), "acme", "secret", null, TimeSpan.FromSeconds(30), CancellationToken.None));
        await gone.DisposeAsync();
    }
}
