using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using OrgGateway.OrgTokens;
using OrgGateway.Storage;
using OrgGateway.Telemetry;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.OrgTokens;

/// <summary>Hours of tokens in moments: renewal before the end, back-off, and what the counters say of it.</summary>
public sealed class OrganizationTokenTimeTests
{
    private readonly FakeClock _clock = new();

    [Fact, Trait("Row", "K13")]
    public async Task In_five_minutes_of_one_minute_tokens_nobody_sees_an_expired_one_and_each_is_minted_once()
    {
        await using var store = new MemoryStore(_clock);
        var source = new ScriptedSource(_clock) { Life = TimeSpan.FromSeconds(60) };
        await using var one = new TokenReplica(store, source, _clock, TimeSpan.FromSeconds(5));
        await using var two = new TokenReplica(store, source, _clock, TimeSpan.FromSeconds(5));
        await one.StartAsync();
        await two.StartAsync();

        for (var second = 0; second < 300; second++)
        {
            foreach (var replica in new[] { one, two })
                Assert.True((await replica.GetAsync())!.Expires > _clock.UtcNow);
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(2); // lets what the advance set off go on; nothing is asserted on it
        }

        Assert.InRange(source.Asked, 5, 7); // 300 s / (60 s - 5 s)
    }

    [Fact, Trait("Row", "K13")]
    public async Task A_token_is_renewed_after_fifty_five_minutes_though_it_lives_for_a_day()
    {
        await using var store = new MemoryStore(_clock);
        var source = new ScriptedSource(_clock) { Life = TimeSpan.FromDays(1) };
        await using var replica = new TokenReplica(store, source, _clock, TimeSpan.FromMinutes(5));
        var first = await replica.GetAsync();
        _clock.Advance(TimeSpan.FromMinutes(54));
        Assert.Same(first, await replica.GetAsync());
        Assert.Equal(1, source.Asked);
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Same(first, await replica.GetAsync()); // nobody waits for the new one
        await Wait.UntilAsync(async () => (await replica.GetAsync())!.Value != first!.Value, TimeSpan.FromSeconds(20), "the new token is in use");
        Assert.Equal(2, source.Asked);
    }

    [Fact, Trait("Row", "K27"), Trait("Row", "K28")]
    public async Task A_failing_issuer_shows_at_once_and_matters_only_when_the_token_has_ended()
    {
        await using var store = new MemoryStore(_clock);
        var source = new ScriptedSource(_clock);
        await using var replica = new TokenReplica(store, source, _clock, TimeSpan.FromMinutes(5));
        var results = new ConcurrentBag<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument is { Meter.Name: GatewayMeter.Name, Name: "orggateway.org_tokens.mints" })
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary(t => t.Key, t => (string?)t.Value);
            if (named["org"] == "acme" && named["source"] == "KrakenGraphQl")
                results.Add(named["result"]!);
        });
        listener.Start();
        var token = await replica.GetAsync();
        source.Answer = new MintAnswer.Unavailable("issuer_unavailable");

        _clock.Advance(TimeSpan.FromMinutes(56));
        Assert.Same(token, await replica.GetAsync());
        await Wait.UntilAsync(() => results.Contains("unavailable"), TimeSpan.FromSeconds(20), "the failure is counted");
        Assert.False(replica.Tokens.AreAllLost);
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(await replica.GetAsync());
        Assert.True(replica.Tokens.AreAllLost);
        Assert.Equal("issuer_unavailable", (await replica.Tokens.ListAsync(CancellationToken.None)).Single().LastError);

        source.Answer = null;
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.NotNull(await replica.GetAsync());
        Assert.False(replica.Tokens.AreAllLost);
    }

    [Fact, Trait("Row", "K33")]
    public async Task A_failing_issuer_is_asked_ever_less_often_and_a_refusing_one_hardly_at_all()
    {
        await using var store = new MemoryStore(_clock);
        var source = new ScriptedSource(_clock) { Answer = new MintAnswer.Unavailable("issuer_unavailable") };
        await using var replica = new TokenReplica(store, source, _clock, TimeSpan.FromMinutes(5));
        for (var second = 0; second < 600; second++)
        {
            Assert.Null(await replica.GetAsync());
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.InRange(source.Asked, 5, 20);

        source.Answer = new MintAnswer.Refused("KT-CT-1138");
        _clock.Advance(TimeSpan.FromMinutes(2));
        var asked = source.Asked;
        for (var second = 0; second < 500; second++)
        {
            Assert.Null(await replica.GetAsync());
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(1, source.Asked - asked);
    }

    [Fact, Trait("Row", "T64"), Trait("Row", "T62")]
    public async Task Names_that_look_alike_when_joined_never_share_a_token_or_a_mint()
    {
        await using var store = new MemoryStore(_clock);
        var source = new ScriptedSource(_clock);
        await using var replica = new TokenReplica(store, source, _clock, TimeSpan.FromMinutes(5), new()
        {
            ["one"] = TokenReplica.Of("a|b", "c"),
            ["two"] = TokenReplica.Of("a", "b|c"),
            ["three"] = TokenReplica.Of("a:b", "c"),
            ["four"] = TokenReplica.Of("a", "b:c"),
            ["five"] = TokenReplica.Of("A|b", "c"),
        });

        var had = await Task.WhenAll(Enumerable.Range(0, 5000).Select(i => Task.Run(async () =>
        {
            var organization = replica.Catalog.All[i % 5];
            return (organization.Slug, Token: (await replica.Tokens.GetAsync(organization, CancellationToken.None))!.Value);
        })));

        Assert.All(had, h => Assert.StartsWith(h.Slug + "-", h.Token, StringComparison.Ordinal));
        Assert.Equal(5, source.Asked);
    }
}
