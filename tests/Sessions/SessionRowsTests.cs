using Microsoft.AspNetCore.Http;
using OrgGateway.Configuration;
using OrgGateway.Sessions;
using OrgGateway.Sealing;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sessions;

/// <summary>The life of a session by one clock.</summary>
public sealed class SessionRowsTests : IAsyncDisposable
{
    private readonly FakeClock _clock = new();
    private readonly MemoryStore _store;
    private readonly Replica _replica;

    public SessionRowsTests() => _replica = new Replica(_store = new MemoryStore(_clock), _clock);

    public ValueTask DisposeAsync() => _replica.DisposeAsync();

    [Fact]
    [Trait("Row", "S13")]
    public async Task A_session_in_use_lives_for_seven_days_and_no_minute_longer()
    {
        var began = _clock.UtcNow;
        var id = await _replica.SignInAsync(_clock);
        while (_clock.UtcNow < began.AddDays(6).AddHours(23))
        {
            _clock.Advance(TimeSpan.FromHours(1)); // far below the idle timeout
            Assert.Equal(SessionStatus.Found, await _replica.StatusAsync(id));
        }
        _clock.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal(SessionStatus.None, await _replica.StatusAsync(id));
    }

    [Fact]
    [Trait("Row", "G12")]
    public async Task Cookie_and_record_end_with_the_session()
    {
        var record = TestSessions.Record(_clock.UtcNow);
        var (session, value) = (await _replica.Sessions.CreateAsync(record, default))!.Value;
        var response = new DefaultHttpContext().Response;
        new SessionCookie(_replica.Options, new Site(new Uri("https://app.example.com"), [], "/auth")).Write(response, value, record.Ends);
        Assert.Contains("expires=" + record.Ends.ToString("R", System.Globalization.CultureInfo.InvariantCulture), Assert.Single(response.Headers.SetCookie)!, StringComparison.OrdinalIgnoreCase);
        while (_clock.UtcNow < record.Ends.AddHours(-1))
        {
            Assert.Equal(SessionStatus.Found, await _replica.StatusAsync(session.Id));
            _clock.Advance(TimeSpan.FromHours(1));
        }
        _clock.Advance(record.Ends - _clock.UtcNow);
        Assert.Equal(SessionStatus.None, await _replica.StatusAsync(session.Id));
        Assert.Equal(StoreStatus.Missing, (await _replica.Sessions.ReadAsync(session.Id, default)).Status);
    }

    [Fact]
    [Trait("Row", "K10")]
    [Trait("Row", "T83")]
    public async Task A_new_key_in_front_signs_nobody_out_and_takes_over_what_it_meets()
    {
        var (old, current) = (new SealingKey("k1", "the former secret of the ring"), new SealingKey("k2", "the newest secret of the ring"));
        await using var before = new Replica(_store, _clock, [old]);
        var (met, notMet) = (await before.SignInAsync(_clock), await before.SignInAsync(_clock));

        await using var both = new Replica(_store, _clock, [current, old]);
        Assert.Equal(SessionStatus.Found, await both.StatusAsync(met));
        _clock.Advance(both.Options.IdleTimeout / 24); // in use, and no refresh
        Assert.Equal(SessionStatus.Found, await both.StatusAsync(met));
        await using var after = new Replica(_store, _clock, [current]);
        Assert.Equal(SessionStatus.Found, await after.StatusAsync(met));
        Assert.Equal(SessionStatus.None, await after.StatusAsync(notMet)); // a miss, and no error
        Assert.Equal(SessionStatus.Found, await both.StatusAsync(notMet));
    }

    [Fact]
    [Trait("Row", "T140")]
    public async Task While_the_subscription_is_broken_a_copy_counts_for_two_seconds_and_one_from_before_it_is_read_again_afterwards()
    {
        var id = await _replica.SignInAsync(_clock);
        await using var other = new Replica(_store, _clock);
        _replica.Store.IsDeaf = true;
        _replica.Store.ListeningSince = long.MaxValue;
        Assert.True(await other.Sessions.EndAsync(id, SessionEnd.Logout, default));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(SessionStatus.Found, await _replica.StatusAsync(id)); // else this proves nothing
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(SessionStatus.None, await _replica.StatusAsync(id));

        var later = await _replica.SignInAsync(_clock);
        Assert.True(await other.Sessions.EndAsync(later, SessionEnd.Logout, default));
        _clock.Advance(TimeSpan.FromSeconds(2));
        _replica.Store.ListeningSince = _clock.UtcNow.UtcTicks; // messages come again; the one about this session was lost
        Assert.Equal(SessionStatus.None, await _replica.StatusAsync(later));
    }

    [Fact]
    public async Task A_session_too_large_to_keep_is_refused_with_a_result_by_both_ways_of_asking()
    {
        var record = TestSessions.Record(_clock.UtcNow) with { IdToken = new string('x', StoreOptions.LargestValue) };
        Assert.False(_replica.Sessions.Fits(record));
        Assert.True(_replica.Sessions.Fits(TestSessions.Record(_clock.UtcNow)));
        Assert.Null(await _replica.Sessions.CreateAsync(record, default));
    }

    [Theory]
    [InlineData("example.com", "https://app.example.com", "https://docs.example.com", null)]
    [InlineData(".example.com", "https://app.example.com", "https://example.com", null)]
    [InlineData("example.com", "https://app.example.com", "https://docs.example.org", "docs.example.org is not below example.com")]
    [InlineData("example.com", "https://app.evilexample.com", "https://app.example.com", "app.evilexample.com is not below example.com")]
    [InlineData("com", "https://app.example.com", "https://docs.example.com", "no domain that a cookie can be shared below")]
    [Trait("Row", "S39")]
    public void A_cookie_domain_fits_every_host_or_is_a_fault(string domain, string origin, string additional, string? fault)
    {
        var faults = new Faults();
        new SessionOptions { Cookie = "orggw", CookieDomain = domain }.CheckHosts([origin, additional], faults);
        if (fault is null)
            Assert.Empty(faults.All);
        else
            Assert.Contains(faults.All, f => f.Contains(fault, StringComparison.Ordinal));
        Assert.Empty(faults.Warnings);
    }

    [Fact]
    public void Several_hosts_without_a_cookie_domain_are_warned_of()
    {
        var faults = new Faults();
        new SessionOptions().CheckHosts(["https://app.example.com", "https://docs.example.com"], faults);
        Assert.Empty(faults.All);
        Assert.Contains("each need a sign-in of their own", Assert.Single(faults.Warnings), StringComparison.Ordinal);
    }
}
