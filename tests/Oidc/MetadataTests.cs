using System.Text.Json.Nodes;
using OrgGateway.Oidc;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Oidc;

public sealed class MetadataTests(HostileProvider op) : IClassFixture<HostileProvider>, IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    public Task InitializeAsync()
    {
        (op.IssuerPath, op.ChangeMetadata, op.Metadata.Answer) = ("", null, null);
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_document_as_it_should_be_is_read()
    {
        using var rp = new RelyingParty(op);

        var metadata = await rp.MetadataAsync();

        Assert.NotNull(metadata);
        Assert.Equal(op.Issuer, metadata.Issuer);
        Assert.Equal(op.Origin + "/authorize", metadata.AuthorizationEndpoint.AbsoluteUri);
        Assert.Equal(op.Origin + "/token", metadata.TokenEndpoint.AbsoluteUri);
        Assert.Equal(op.Origin + "/jwks", metadata.JwksUri.AbsoluteUri);
        Assert.Equal(op.Origin + "/userinfo", metadata.UserInfoEndpoint?.AbsoluteUri);
        Assert.Equal(op.Origin + "/end-session", metadata.EndSessionEndpoint?.AbsoluteUri);
        Assert.True(metadata.AnnouncesIss);
        Assert.Equal(["S256"], metadata.CodeChallengeMethods);
    }

    [Theory, Trait("Row", "O1"), Trait("Row", "O2"), Trait("Row", "S34")]
    [InlineData("", "")]
    [InlineData("", "/")]
    [InlineData("/realms/main", "/realms/main")]
    [InlineData("/realms/main", "/realms/main/")]
    [InlineData("/token/", "/token/")]
    [InlineData("/token/", "/token")]
    public async Task With_and_without_a_slash_at_the_end_the_issuer_is_the_documents(string published, string configured)
    {
        op.IssuerPath = published;
        using var rp = new RelyingParty(op, ("Issuer", op.Origin + configured));
        Assert.True(rp.Provider.IsIssuer(op.Issuer));

        Assert.Equal(op.Issuer, (await rp.MetadataAsync())?.Issuer);

        Assert.Equal(op.Issuer, rp.Provider.Issuer);
        Assert.True(rp.Provider.IsIssuer(op.Issuer));
        Assert.False(rp.Provider.IsIssuer(op.Issuer.EndsWith('/') ? op.Issuer[..^1] : op.Issuer + "/"));
        // And the ID Token of that issuer is good, that of the other spelling is not.
        await rp.ValidAsync(op.IdToken());
        var otherSpelling = op.Issuer.EndsWith('/') ? op.Issuer[..^1] : op.Issuer + "/";
        Assert.Equal("iss is another", await rp.RefusalAsync(op.IdToken(claims => claims["iss"] = otherSpelling)));
    }

    [Theory, Trait("Row", "O2")]
    [InlineData("https://id.example.com")]
    [InlineData("{origin}//")]
    [InlineData("{origin}/other")]
    [InlineData("{ORIGIN}")]
    [InlineData("{origin}?")]
    public async Task A_document_of_another_issuer_is_refused(string issuer)
    {
        op.ChangeMetadata = document => document["issuer"] = issuer
            .Replace("{origin}", op.Origin, StringComparison.Ordinal).Replace("{ORIGIN}", op.Origin.ToUpperInvariant(), StringComparison.Ordinal);
        using var rp = new RelyingParty(op);

        Assert.Null(await rp.MetadataAsync());
        Assert.Equal(1, rp.Logs.Count("MetadataRefused"));
        // Without a pinned issuer nothing is validated either.
        Assert.IsType<IdTokenResult.Unavailable>(await rp.ValidateAsync(op.IdToken()));
    }

    [Fact, Trait("Row", "O2")]
    public async Task Once_pinned_an_issuer_does_not_change_by_as_much_as_a_slash()
    {
        using var rp = new RelyingParty(op);
        await rp.MetadataAsync();

        op.ChangeMetadata = document => document["issuer"] = op.Origin + "/";
        op.Clock.UtcNow += TimeSpan.FromHours(2);
        await rp.MetadataAsync();
        await Wait.UntilAsync(() => rp.Logs.Count("MetadataRefused") == 1, Bound, "the new document is refused");

        Assert.Equal(op.Origin, (await rp.MetadataAsync())?.Issuer);
        Assert.Equal(op.Origin, rp.Provider.Issuer);
    }

    [Theory, Trait("Row", "O4")]
    [InlineData("issuer")]
    [InlineData("authorization_endpoint")]
    [InlineData("token_endpoint")]
    [InlineData("jwks_uri")]
    public async Task A_document_without_a_required_member_is_refused(string member)
    {
        foreach (var value in new JsonNode?[] { null, 1, "", "/relative", new JsonArray() })
        {
            op.ChangeMetadata = document =>
            {
                if (value is null) document.Remove(member);
                else document[member] = value.DeepClone();
            };
            using var rp = new RelyingParty(op);
            Assert.Null(await rp.MetadataAsync());
            Assert.Equal(1, rp.Logs.Count("MetadataRefused"));
        }
    }

    [Theory, Trait("Row", "O3")]
    [InlineData("http://id.example.com/x")]
    [InlineData("http://127.0.0.1.example.com/x")]
    [InlineData("ftp://127.0.0.1/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://user:password@id.example.com/x")]
    [InlineData("https://id.example.com/x#fragment")]
    public async Task An_endpoint_that_is_neither_https_nor_loopback_is_not_used(string endpoint)
    {
        foreach (var member in new[] { "authorization_endpoint", "token_endpoint", "jwks_uri" })
        {
            op.ChangeMetadata = document => document[member] = endpoint;
            using var rp = new RelyingParty(op);
            Assert.Null(await rp.MetadataAsync());
        }

        op.ChangeMetadata = document => (document["userinfo_endpoint"], document["end_session_endpoint"]) = (endpoint, endpoint);
        using var optional = new RelyingParty(op);
        var metadata = await optional.MetadataAsync();
        Assert.NotNull(metadata);
        Assert.Null(metadata.UserInfoEndpoint);
        Assert.Null(metadata.EndSessionEndpoint);
    }

    [Fact, Trait("Row", "O3")]
    public async Task A_redirect_is_not_followed()
    {
        await using var other = new HostileProvider();
        await other.InitializeAsync();
        other.ChangeMetadata = document => document["issuer"] = op.Issuer;
        op.Metadata.Answer = HostileAnswers.RedirectTo(other.Origin + "/.well-known/openid-configuration");
        using var rp = new RelyingParty(op);

        Assert.Null(await rp.MetadataAsync());
        Assert.Equal(0, other.Metadata.Hits);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("s256")]
    [InlineData]
    public async Task A_provider_that_lists_challenge_methods_without_S256_is_not_used(params string[] methods)
    {
        op.ChangeMetadata = document => document["code_challenge_methods_supported"] = new JsonArray([.. methods.Select(method => JsonValue.Create(method))]);
        using var rp = new RelyingParty(op);
        Assert.Null(await rp.MetadataAsync());

        op.ChangeMetadata = document => document.Remove("code_challenge_methods_supported");
        using var silent = new RelyingParty(op);
        var metadata = await silent.MetadataAsync();
        Assert.NotNull(metadata);
        Assert.Null(metadata.CodeChallengeMethods);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{\"issuer\":\"a\",\"issuer\":\"b\"}")]
    public async Task A_document_that_is_no_JSON_object_is_refused(string body)
    {
        op.Metadata.Answer = HostileAnswers.Text(body, "application/json");
        using var rp = new RelyingParty(op);
        Assert.Null(await rp.MetadataAsync());
        Assert.Equal(1, rp.Logs.Count("MetadataRefused"));
    }

    [Fact, Trait("Row", "O5")]
    public async Task A_failed_renewal_keeps_the_document_and_holds_up_no_request()
    {
        using var rp = new RelyingParty(op);
        var first = await rp.MetadataAsync();
        var hits = op.Metadata.Hits;

        // While the renewal hangs, and after it failed, everybody goes on with the old one.
        var gate = new TaskCompletionSource();
        op.Metadata.Answer = async context =>
        {
            await gate.Task;
            context.Response.StatusCode = 500;
        };
        op.Clock.UtcNow += TimeSpan.FromHours(1);
        for (var i = 0; i < 10; i++)
        {
            var asked = rp.MetadataAsync();
            Assert.True(asked.IsCompletedSuccessfully);
            Assert.Same(first, await asked);
        }

        gate.SetResult();
        await Wait.UntilAsync(() => rp.Logs.Count("MetadataUnavailable") == 1, Bound, "the renewal fails");
        Assert.Equal(hits + 1, op.Metadata.Hits);
        Assert.Same(first, await rp.MetadataAsync());

        // Renewed as soon as that works again.
        op.Metadata.Answer = null;
        op.Clock.UtcNow += TimeSpan.FromMinutes(1);
        await rp.MetadataAsync();
        await Wait.UntilAsync(async () => !ReferenceEquals(first, await rp.MetadataAsync()), Bound, "the document is renewed");
        Assert.Equal(hits + 2, op.Metadata.Hits);
    }

    [Fact, Trait("Row", "O5")]
    public async Task A_failed_first_fetch_is_tried_again_after_seconds_and_blocks_nobody_meanwhile()
    {
        op.Metadata.Answer = HostileAnswers.Status(503);
        using var rp = new RelyingParty(op);
        var hits = op.Metadata.Hits;
        Assert.Null(await rp.MetadataAsync());

        var meanwhile = rp.MetadataAsync();
        Assert.True(meanwhile.IsCompletedSuccessfully);
        Assert.Null(await meanwhile);
        Assert.Equal(hits + 1, op.Metadata.Hits);

        op.Metadata.Answer = null;
        op.Clock.UtcNow += TimeSpan.FromSeconds(2);
        Assert.NotNull(await rp.MetadataAsync());
        Assert.Equal(hits + 2, op.Metadata.Hits);
    }

    [Fact, Trait("Row", "O5")]
    public async Task Many_first_callers_share_one_fetch_and_one_who_leaves_does_not_end_it()
    {
        var gate = new TaskCompletionSource();
        op.Metadata.Answer = async context =>
        {
            await gate.Task;
            await op.Metadata.AnswerProperlyAsync(context);
        };
        using var rp = new RelyingParty(op);
        var hits = op.Metadata.Hits;
        using var leaving = new CancellationTokenSource();

        var left = rp.Provider.GetMetadataAsync(leaving.Token);
        var others = Enumerable.Range(0, 20).Select(_ => rp.MetadataAsync()).ToArray();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        gate.SetResult();

        Assert.All(await Task.WhenAll(others), Assert.NotNull);
        Assert.Equal(hits + 1, op.Metadata.Hits);
    }

    [Fact, Trait("Row", "O28")]
    public void Each_of_several_providers_has_its_own_redirect_uri()
    {
        var options = RelyingParty.Options(("Issuer", "https://id.example.com"));
        using var one = new RelyingParty(new FakeClock(realTimers: true) { UtcNow = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero) }, new() { ["main"] = options });
        Assert.Equal("https://app.example.com/auth/callback", one.Provider.RedirectUri);

        using var two = new RelyingParty(new FakeClock(realTimers: true) { UtcNow = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero) }, new() { ["main"] = options, ["other"] = options });
        Assert.Equal("https://app.example.com/auth/callback/main", two.Providers.Find("main")?.RedirectUri);
        Assert.Equal("https://app.example.com/auth/callback/other", two.Providers.Find("other")?.RedirectUri);
        Assert.Null(two.Providers.Find("nobody"));
    }
}
