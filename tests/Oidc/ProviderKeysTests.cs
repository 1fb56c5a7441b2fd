using System.Text.Json.Nodes;
using OrgGateway.Oidc;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Oidc;

public sealed class ProviderKeysTests : IAsyncLifetime, IAsyncDisposable
{
    private static readonly TimeSpan Cooldown = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly HostileProvider _op = new();

    public Task InitializeAsync() => _op.InitializeAsync();

    public ValueTask DisposeAsync() => _op.DisposeAsync();

    Task IAsyncLifetime.DisposeAsync() => Task.CompletedTask;

    [Fact, Trait("Row", "O7"), Trait("Row", "S40")]
    public async Task A_key_rotated_just_before_signing_is_fetched_within_the_same_validation()
    {
        using var rp = new RelyingParty(_op);
        for (var i = 0; i < 5; i++)
            await rp.ValidAsync(_op.IdToken());
        Assert.Equal(1, _op.Keys.Hits);
        Assert.Equal(1, _op.Metadata.Hits);

        _op.RotateKey("key-2");
        await rp.ValidAsync(_op.IdToken());
        Assert.Equal(2, _op.Keys.Hits);

        // A second rotation waits for the cooldown.
        _op.RotateKey("key-3");
        Assert.Equal("signature: UnknownKey", await rp.RefusalAsync(_op.IdToken()));
        Assert.Equal(2, _op.Keys.Hits);
        _op.Clock.UtcNow += Cooldown;
        await rp.ValidAsync(_op.IdToken());
        Assert.Equal(3, _op.Keys.Hits);
        Assert.Equal(1, _op.Metadata.Hits);
    }

    [Fact, Trait("Row", "O7"), Trait("Row", "T104")]
    public async Task A_thousand_tokens_with_unknown_keys_cost_one_fetch_a_cooldown_while_valid_ones_go_on()
    {
        using var rp = new RelyingParty(_op);
        await rp.ValidAsync(_op.IdToken());
        var forged = Enumerable.Range(0, 1000).Select(i => _op.IdToken(header: header => header["kid"] = $"unknown-{i}")).ToArray();

        var refusals = Task.WhenAll(forged.Select(token => Task.Run(() => rp.RefusalAsync(token))));
        var valid = Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => rp.ValidAsync(_op.IdToken()))));

        Assert.All(await refusals, reason => Assert.Equal("signature: UnknownKey", reason));
        Assert.Equal(50, (await valid).Length);
        Assert.Equal(2, _op.Keys.Hits);

        // The ids that a fetch did not bring are remembered beyond the cooldown, and other ones are asked for.
        _op.Clock.UtcNow += Cooldown;
        await rp.RefusalAsync(_op.IdToken(header: header => header["kid"] = "another"));
        Assert.Equal(3, _op.Keys.Hits);
        _op.Clock.UtcNow += Cooldown;
        await rp.RefusalAsync(_op.IdToken(header: header => header["kid"] = "another"));
        Assert.Equal(3, _op.Keys.Hits);
        _op.Clock.UtcNow += Cooldown;
        await rp.RefusalAsync(_op.IdToken(header: header => header["kid"] = "another"));
        Assert.Equal(4, _op.Keys.Hits);
    }

    [Fact, Trait("Row", "O7")]
    public async Task Logins_that_meet_a_new_key_together_share_one_fetch_which_none_of_them_can_cancel()
    {
        using var rp = new RelyingParty(_op);
        await rp.ValidAsync(_op.IdToken());
        _op.RotateKey("key-2");
        var token = _op.IdToken();
        var gate = new TaskCompletionSource();
        _op.Keys.Answer = async context =>
        {
            await gate.Task;
            await _op.Keys.AnswerProperlyAsync(context);
        };
        using var leaving = new CancellationTokenSource();

        var left = rp.IdTokens.ValidateAsync(rp.Provider, token, new(), leaving.Token);
        var others = Enumerable.Range(0, 20).Select(_ => rp.ValidAsync(token)).ToArray();
        await Wait.UntilAsync(() => _op.Keys.Hits == 2, Bound, "the fetch begins");
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        gate.SetResult();

        await Task.WhenAll(others);
        Assert.Equal(2, _op.Keys.Hits);
    }

    [Fact]
    public async Task A_key_that_cannot_be_looked_up_is_no_verdict_on_the_token()
    {
        using var rp = new RelyingParty(_op);
        await rp.ValidAsync(_op.IdToken());
        var old = _op.IdToken();
        _op.RotateKey("key-2");
        var token = _op.IdToken();

        _op.Keys.Answer = HostileAnswers.Status(500);
        Assert.IsType<IdTokenResult.Unavailable>(await rp.ValidateAsync(token));
        Assert.IsType<IdTokenResult.Unavailable>(await rp.ValidateAsync(token));
        Assert.Equal(2, _op.Keys.Hits);
        await rp.ValidAsync(old);

        _op.Keys.Answer = null;
        _op.Clock.UtcNow += Cooldown;
        await rp.ValidAsync(_op.IdToken());
    }

    [Theory, Trait("Row", "O5")]
    [InlineData("{\"keys\":[]}")]
    [InlineData("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}")]
    [InlineData("{}")]
    [InlineData("<html>")]
    public async Task A_key_set_without_a_key_of_use_replaces_nothing(string body)
    {
        using var rp = new RelyingParty(_op);
        await rp.ValidAsync(_op.IdToken());

        _op.Keys.Answer = HostileAnswers.Text(body, "application/json");
        _op.Clock.UtcNow += TimeSpan.FromHours(1);
        await rp.ValidAsync(_op.IdToken());
        await Wait.UntilAsync(() => rp.Logs.Count("KeysUnavailable") == 1, Bound, "the new set is refused");
        await rp.ValidAsync(_op.IdToken());
    }

    [Fact]
    public async Task A_withdrawn_key_is_forgotten_with_the_next_renewal()
    {
        using var rp = new RelyingParty(_op);
        var old = _op.SigningKey;
        await rp.ValidAsync(_op.IdToken());

        _op.RotateKey("key-2");
        _op.Clock.UtcNow += TimeSpan.FromHours(1);
        await rp.ValidateAsync(_op.IdToken(key: old));
        await Wait.UntilAsync(() => rp.Logs.Count("KeysLoaded") == 2, Bound, "the keys are renewed");
        Assert.Equal("signature: UnknownKey", await rp.RefusalAsync(_op.IdToken(key: old)));
    }

    [Fact, Trait("Row", "O6")]
    public async Task Keys_that_must_not_verify_do_not_and_do_not_spoil_the_set()
    {
        var weak = ProviderKey.Rsa("weak", bits: 1024);
        var forEncryption = ProviderKey.Rsa("enc");
        forEncryption.Jwk["use"] = "enc";
        var otherAlgorithm = ProviderKey.Rsa("alg");
        otherAlgorithm.Jwk["alg"] = "PS256";
        var ec = ProviderKey.Ec("ec");
        var marked = ProviderKey.Rsa("sig");
        marked.Jwk["use"] = "sig";
        _op.PublishedKeys = [weak, forEncryption, otherAlgorithm, ec, marked, _op.SigningKey];
        _op.Keys.Answer = async context =>
        {
            var keys = new JsonArray([.. _op.PublishedKeys.Select(key => key.Jwk.DeepClone())]);
            keys.Insert(0, new JsonObject { ["kty"] = "OKP", ["crv"] = "Ed25519", ["x"] = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", ["kid"] = "okp" });
            keys.Insert(1, "no key at all");
            await HostileAnswers.Json(new JsonObject { ["keys"] = keys })(context);
        };
        using var rp = new RelyingParty(_op);

        await rp.ValidAsync(_op.IdToken());
        await rp.ValidAsync(_op.IdToken(key: marked));
        await rp.ValidAsync(_op.IdToken(key: ec));
        foreach (var key in new[] { weak, forEncryption, otherAlgorithm })
            Assert.Equal("signature: UnknownKey", await rp.RefusalAsync(_op.IdToken(key: key)));
        // The kid of an RSA key with the algorithm of another type.
        Assert.Equal("signature: UnknownKey", await rp.RefusalAsync(_op.IdToken(header: header => header["kid"] = "sig", key: ec)));
    }

    [Fact, Trait("Row", "O8")]
    public async Task Without_key_id_a_token_is_good_if_one_key_fits_and_refused_if_several_do()
    {
        _op.RotateKey(null);
        using var rp = new RelyingParty(_op);
        await rp.ValidAsync(_op.IdToken());

        // A key of another type beside it does not fit, so there is still one.
        _op.PublishedKeys = [_op.SigningKey, ProviderKey.Ec("ec")];
        using var mixed = new RelyingParty(_op);
        await mixed.ValidAsync(_op.IdToken());

        _op.PublishedKeys = [ProviderKey.Rsa("other"), _op.SigningKey];
        using var several = new RelyingParty(_op);
        Assert.Equal("signature: AmbiguousKey", await several.RefusalAsync(_op.IdToken()));
        using var tryAll = new RelyingParty(_op, ("TryAllKeysWithoutKid", "true"));
        await tryAll.ValidAsync(_op.IdToken());
    }

    [Fact]
    public async Task Without_key_id_a_rotation_is_noticed_by_the_wrong_signature()
    {
        _op.RotateKey(null);
        using var rp = new RelyingParty(_op);
        await rp.ValidAsync(_op.IdToken());
        _op.RotateKey(null);
        await rp.ValidAsync(_op.IdToken());
        Assert.Equal(2, _op.Keys.Hits);
    }

    [Fact]
    public async Task A_key_of_one_provider_is_never_used_for_another()
    {
        await using var other = new HostileProvider();
        await other.InitializeAsync();
        using var rp = new RelyingParty(_op.Clock, new()
        {
            ["main"] = RelyingParty.Options(("Issuer", _op.Issuer)),
            ["other"] = RelyingParty.Options(("Issuer", other.Issuer)),
        });
        await rp.IdTokens.ValidateAsync(rp.Providers.Find("other")!, other.IdToken(), new(), CancellationToken.None);

        // The same key id, the right issuer, the other's key.
        Assert.Equal("signature: BadSignature", await rp.RefusalAsync(_op.IdToken(key: other.SigningKey)));
    }
}
