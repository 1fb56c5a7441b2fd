using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Audit;
using OrgGateway.Oidc;
using OrgGateway.Sessions;
using OrgGateway.Storage;
using OrgGateway.Tests.Oidc;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.Sessions;
using OrgGateway.Tokens;

namespace OrgGateway.Tests.Tokens;

public sealed class SessionRefreshTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly HostileProvider _op = new();
    private readonly HttpClient _backchannel = Backchannel.CreateClient();
    private int _issued;
    private RelyingParty? _rp;
    private SessionStore? _sessions;
    private UserTokens? _users;

    private SessionStore Sessions => _sessions!;

    public async Task InitializeAsync()
    {
        await _op.InitializeAsync();
        _rp = new(_op, ("UserInfo", "Off"));
        var clock = _op.Clock;
        var store = new MemoryStore(clock);
        _sessions = TestSessionStore.Over(store, clock, NullLogger<SessionStore>.Instance);
        var (pause, steady) = (new ProviderPause(clock), new SteadyClock(clock, NullLogger<SteadyClock>.Instance));
        var refresh = new SessionRefresh(
            _sessions, _rp.Providers, _rp.Tokens, _rp.IdTokens, _rp.UserInfo, new RefreshTokenUse(pause, steady), new TokenRevocation(_backchannel, clock, NullLogger.Instance),
            new AuditTrail([], NullLogger<AuditTrail>.Instance), steady, NullLogger<SessionRefresh>.Instance);
        _users = new(_sessions, _rp.Providers, refresh, new Turns(store, clock), pause, clock, steady, NullLogger<UserTokens>.Instance);
        Grants();
    }

    public async Task DisposeAsync() => await _op.DisposeAsync();

    public void Dispose()
    {
        _rp?.Dispose();
        _backchannel.Dispose();
    }

    [Fact, Trait("Row", "O54")]
    public async Task The_new_tokens_are_stored_before_they_are_used_and_a_missing_refresh_token_leaves_the_old_one()
    {
        var session = await SignedInAsync();
        Grants(answer => (answer["refresh_token"], answer["scope"]) = ("refresh-1", "openid"));
        var first = await ExpiredAsync(session);
        Assert.Equal(Freshness.Fresh, first.Freshness);
        foreach (var record in (SessionRecord?[])[first.Session!.Record, await StoredAsync(session.Id)])
            Assert.Equal(("refresh-1", "openid", "access-1"), (record!.RefreshToken, record.Scope, record.AccessToken));

        Grants();
        var second = await ExpiredAsync(first.Session);
        Assert.Equal(("refresh-1", "access-2"), (second.Session!.Record.RefreshToken, second.Session.Record.AccessToken));
        Assert.Equal("refresh-1", _op.Token.LastRequest.Field("refresh_token"));
        Assert.Null((await StoredAsync(session.Id))!.Presented);
    }

    [Theory, Trait("Row", "T127"), Trait("Row", "O53")]
    [InlineData("sub", "mallory")]
    [InlineData("iss", "https://another.example")]
    public async Task An_answer_for_somebody_else_ends_the_session_and_nothing_of_it_is_used(string claim, string value)
    {
        var session = await SignedInAsync();
        _op.ChangeMetadata = document => document["revocation_endpoint"] = _op.Origin + "/revoke";
        Grants(answer => (answer["id_token"], answer["refresh_token"]) = (_op.IdToken(claims => claims[claim] = value), "refresh-of-mallory"));
        Assert.Equal(new FreshSession(Freshness.Ended, null), await ExpiredAsync(session));
        Assert.Null(await StoredAsync(session.Id));
        Assert.Equal(SessionStatus.None, (await Sessions.FindAsync(session.Id, default)).Status);
    }

    [Theory]
    [InlineData(60, 7200)]
    [InlineData(-60, 7200)]
    [InlineData(60, 0)]
    [InlineData(-60, 0)]
    public async Task A_clock_that_is_wrong_by_an_hour_ends_no_session_and_takes_no_claims(int minutes, int secondsAfterTheSignIn)
    {
        // The access token lives for five minutes, and the refresh is at its end.
        var session = await SignedInAsync(_op.IdToken(claims => claims["iat"] = (long)claims["iat"]! + 301 + (minutes * 60) - secondsAfterTheSignIn));
        // As this process sees it, the provider's token is of another hour.
        Grants(answer => answer["id_token"] = _op.IdToken(claims =>
        {
            foreach (var time in (string[])["exp", "iat"])
                claims[time] = (long)claims[time]! + (minutes * 60);
            claims["name"] = "Not Taken";
        }));
        var refreshed = await ExpiredAsync(session);
        Assert.Equal(Freshness.Fresh, refreshed.Freshness);
        var stored = await StoredAsync(session.Id);
        Assert.Equal(("access-1", session.Record.Name, session.Record.IdToken), (stored!.AccessToken, stored.Name, stored.IdToken));
        Assert.Contains("look at this machine's clock", _rp!.Logs.Text, StringComparison.Ordinal);
    }

    [Fact, Trait("Row", "O56")]
    public async Task After_invalid_grant_the_record_is_read_once_more_and_only_then_the_session_ends()
    {
        var session = await SignedInAsync();
        // Another replica was at it after all, and its tokens stand there by the time the refusal comes.
        _op.Token.Answer = async context =>
        {
            var read = (await Sessions.ReadAsync(session.Id, default)).Value!;
            var rotated = read.Value with { AccessToken = "access-of-another", RefreshToken = "refresh-of-another", AccessTokenExpires = _op.Clock.UtcNow.AddMinutes(5), Presented = null };
            Assert.Equal(StoreWrite.Done, await Sessions.ReplaceAsync(session.Id, read.Version, rotated, default));
            await HostileAnswers.Json(new JsonObject { ["error"] = "invalid_grant" }, 400)(context);
        };
        var outcome = await ExpiredAsync(session);
        Assert.Equal((Freshness.Fresh, "access-of-another"), (outcome.Freshness, outcome.Session?.Record.AccessToken));

        _op.Token.Answer = HostileAnswers.Json(new JsonObject { ["error"] = "invalid_grant" }, 400);
        Assert.Equal(Freshness.Ended, (await ExpiredAsync(outcome.Session!)).Freshness);
        Assert.Null(await StoredAsync(session.Id));
    }

    [Fact, Trait("Row", "O59")]
    public async Task Early_refreshes_of_many_sessions_do_not_come_at_once()
    {
        var sessions = new List<Session>();
        for (var i = 0; i < 64; i++)
            sessions.Add(await SignedInAsync());
        var expires = sessions[0].Record.AccessTokenExpires;
        await EnsureAllAsync(sessions, expires.AddSeconds(-61));
        Assert.Equal(0, _op.Token.Hits);
        await EnsureAllAsync(sessions, expires.AddSeconds(-52));
        await Wait.UntilAsync(() => _op.Token.Hits > 8, Bound, "some are due");
        await EnsureAllAsync(sessions, expires.AddSeconds(-44));
        await Wait.UntilAsync(() => _op.Token.Hits == 64, Bound, "all are due");
    }

    [Fact, Trait("Row", "S13"), Trait("Row", "O59"), Trait("Row", "T61")]
    public async Task A_session_in_use_lives_for_its_seven_days_and_no_refresh_moves_its_end()
    {
        var session = await SignedInAsync();
        var ends = session.Record.Ends;
        var signedIn = _op.Clock.UtcNow;
        foreach (var at in Enumerable.Range(1, 13).Select(i => TimeSpan.FromHours(12 * i)).Append(new TimeSpan(6, 23, 0, 0)))
        {
            _op.Clock.UtcNow = signedIn + at;
            var found = (await Sessions.FindAsync(session.Id, default)).Session;
            Assert.NotNull(found);
            var fresh = await _users!.EnsureAsync(found, default);
            Assert.Equal((Freshness.Fresh, ends), (fresh.Freshness, fresh.Session!.Record.Ends));
        }
        Assert.Equal(14, _op.Token.Hits);
        _op.Clock.UtcNow = signedIn.AddDays(7).AddMinutes(1);
        Assert.Equal(SessionStatus.None, (await Sessions.FindAsync(session.Id, default)).Status);
        Assert.Null(await StoredAsync(session.Id));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_clock_that_was_just_set_neither_refreshes_nor_ends(int hours)
    {
        foreach (var refreshToken in (string?[])["refresh-0", null])
        {
            var session = await SignedInAsync(change: record => record with { RefreshToken = refreshToken });
            _op.Clock.Set(TimeSpan.FromHours(hours));
            Assert.Equal(Freshness.Fresh, (await _users!.EnsureAsync(session, default)).Freshness);
            Assert.Equal(Freshness.Fresh, (await _users.RenewAsync(session, default)).Freshness);
            Assert.NotNull(await StoredAsync(session.Id));
            _op.Clock.Set(TimeSpan.FromHours(-hours));
        }
    }

    private void Grants(Action<JsonObject>? change = null) => _op.ChangeTokens = answer =>
    {
        answer["access_token"] = "access-" + Interlocked.Increment(ref _issued);
        change?.Invoke(answer);
    };

    private async Task<Session> SignedInAsync(string idToken = "the ID token of the sign-in", Func<SessionRecord, SessionRecord>? change = null)
    {
        var record = TestSessions.Record(_op.Clock.UtcNow, HostileProvider.Subject) with { Issuer = _op.Issuer, ClientId = HostileProvider.ClientId, IdToken = idToken };
        return (await Sessions.CreateAsync(change?.Invoke(record) ?? record, default))!.Value.Session;
    }

    private async Task<FreshSession> ExpiredAsync(Session session)
    {
        _op.Clock.UtcNow = session.Record.AccessTokenExpires.AddSeconds(1);
        return await _users!.EnsureAsync(session, default).AsTask().WaitAsync(Bound);
    }

    private async Task EnsureAllAsync(IEnumerable<Session> sessions, DateTimeOffset at)
    {
        _op.Clock.UtcNow = at;
        foreach (var session in sessions)
            Assert.Equal(Freshness.Fresh, (await _users!.EnsureAsync((await Sessions.FindAsync(session.Id, default)).Session!, default)).Freshness);
    }

    private async Task<SessionRecord?> StoredAsync(SessionId id) => (await Sessions.ReadAsync(id, default)).Value?.Value;
}
