using OrgGateway.Audit;
using OrgGateway.Orgs;
using OrgGateway.Revocation;
using OrgGateway.Sessions;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sessions;

/// <summary>What the one path of revocations promises on every store; each test has its own subjects, since stores are shared.</summary>
public abstract class SessionRevocationContract : IAsyncLifetime
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(5); // a busy machine; the promise is one
    private readonly List<Replica> _replicas = [];
    private readonly string _subject = System.Security.Cryptography.RandomNumberGenerator.GetHexString(32);

    internal FakeClock Clock { get; } = new() { UtcNow = TimeProvider.System.GetUtcNow() };

    private const string Issuer = "https://idp.example.com";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
    }

    [Fact]
    [Trait("Row", "P7")]
    public async Task Each_scope_ends_exactly_its_own_sessions_on_every_replica()
    {
        var (a, b) = (await ReplicaAsync(), await ReplicaAsync());
        foreach (var scope in new[] { RevocationScope.Session, RevocationScope.ProviderSession, RevocationScope.Subject, RevocationScope.Organization })
        {
            var org = "org" + scope + _subject;
            var mine = await SignInAsync(b, TestSessions.Record(Clock.UtcNow, scope + _subject) with { ProviderSession = "sid" + scope + _subject, Memberships = [Member(org)] });
            var others = new[]
            {
                await SignInAsync(b, TestSessions.Record(Clock.UtcNow, "other" + _subject) with { ProviderSession = "other" + _subject, Memberships = [Member("other" + _subject)] }),
                await SignInAsync(b, TestSessions.Record(Clock.UtcNow, (scope == RevocationScope.Subject ? "else" : "") + scope + _subject) with { ProviderSession = "sid2" + _subject, Memberships = [Member("other" + _subject)] }),
            };
            var heard = new List<Revocation.Revocation>();
            b.Revocations.Subscribe(r => { lock (heard) heard.Add(r); });

            var outcome = await a.Revocation.RevokeAsync(new(scope, "admin", mine.ToString(), Issuer, scope + _subject, "sid" + scope + _subject, org));
            Assert.Equal(new RevocationOutcome(1, Complete: true), outcome);
            await Wait.UntilAsync(async () => await b.StatusAsync(mine) == SessionStatus.None, Second, scope + " ends it elsewhere");
            await Wait.UntilAsync(() => { lock (heard) return heard.Any(r => r.Scope == scope && r.Reason == "admin"); }, Second, "who holds sockets is told");
            Assert.Equal(StoreStatus.Missing, (await a.Sessions.ReadAsync(mine, default)).Status);
            foreach (var other in others)
                Assert.Equal(SessionStatus.Found, await b.StatusAsync(other));
            Assert.Contains(a.Audit.Events, e => e is { Name: AuditNames.SessionEnded, Reason: "admin" } && e.Subject == scope + _subject);
            Assert.Contains(a.Audit.Events, e => e is { Name: AuditNames.Revoked, Reason: "admin" });
        }
    }

    [Fact]
    [Trait("Row", "P7")]
    [Trait("Row", "T78")]
    public async Task A_revoked_membership_is_gone_at_once_everywhere_and_the_session_lives_on()
    {
        var (a, b) = (await ReplicaAsync(), await ReplicaAsync());
        var id = await SignInAsync(b, TestSessions.Record(Clock.UtcNow, _subject) with { Memberships = [Member("kept" + _subject), Member("lost" + _subject)] });
        var held = (await b.Sessions.FindAsync(id, default)).Session!;
        Assert.NotNull(held.Organizations.Find("lost" + _subject));

        Assert.Equal(new RevocationOutcome(1, true), await a.Revocation.RevokeAsync(new(RevocationScope.Membership, "scim", Issuer: Issuer, Subject: _subject, OrgId: "lost" + _subject)));
        await Wait.UntilAsync(async () => (await b.Sessions.FindAsync(id, default)).Session!.Organizations.Find("lost" + _subject) is null, Second, "the membership is gone");
        Assert.NotNull((await b.Sessions.FindAsync(id, default)).Session!.Organizations.Find("kept" + _subject));

        // The provider says so again: a refresh brings it back.
        var read = (await a.Sessions.ReadAsync(id, default)).Value!;
        Assert.Equal(StoreWrite.Done, await a.Sessions.ReplaceAsync(id, read.Version, read.Value with { Memberships = [Member("lost" + _subject)] }, default));
        Assert.NotNull((await a.Sessions.FindAsync(id, default)).Session!.Organizations.Find("lost" + _subject));
        Assert.Equal(new RevocationOutcome(1, true), await b.Revocation.RevokeAsync(new(RevocationScope.Organization, "admin", OrgId: "lost" + _subject)));
    }

    [Fact]
    public async Task A_membership_that_configuration_grants_stays_revoked_for_the_session()
    {
        var a = await ReplicaAsync();
        var organizations = new Dictionary<string, OrganizationOptions> { ["configured"] = new() { Id = "org_1", Members = { [_subject] = ["admin"] } } };
        a.Catalog.Value = new(organizations, new Dictionary<string, List<string>>(), "main");
        var id = await SignInAsync(a, TestSessions.Record(Clock.UtcNow, _subject));
        Assert.NotNull((await a.Sessions.FindAsync(id, default)).Session!.Organizations.Find("configured"));
        await a.Revocation.RevokeAsync(new(RevocationScope.Membership, "admin", Issuer: Issuer, Subject: _subject, OrgId: "org_1"));
        Assert.Null((await a.Sessions.FindAsync(id, default)).Session!.Organizations.Find("configured"));
    }

    [Fact]
    public async Task A_person_with_many_sessions_loses_all_of_them()
    {
        var a = await ReplicaAsync();
        var ids = new List<SessionId>();
        for (var i = 0; i < 700; i++) // more than a page
            ids.Add((await a.Sessions.CreateAsync(TestSessions.Record(Clock.UtcNow, _subject), default))!.Value.Session.Id);
        Assert.Equal(700, (await a.Revocation.RevokeAsync(new(RevocationScope.Subject, "admin", Issuer: Issuer, Subject: _subject))).Sessions);
        foreach (var id in ids)
            Assert.Equal(StoreStatus.Missing, (await a.Sessions.ReadAsync(id, default)).Status);
        Assert.Equal(new RevocationOutcome(0, true), await a.Revocation.RevokeAsync(new(RevocationScope.Subject, "admin", Issuer: Issuer, Subject: _subject)));
    }

    [Fact]
    public async Task Sessions_are_listed_in_pages_with_no_token_and_without_those_that_ended()
    {
        var a = await ReplicaAsync();
        var ids = new List<string>();
        for (var i = 0; i < 7; i++)
            ids.Add((await a.Sessions.CreateAsync(TestSessions.Record(Clock.UtcNow, _subject) with { Ends = Clock.UtcNow.AddDays(1).AddSeconds(i) }, default))!.Value.Session.Id.ToString());
        var ended = (await a.Sessions.CreateAsync(TestSessions.Record(Clock.UtcNow, _subject), default))!.Value.Session.Id;
        await a.Sessions.EndAsync(ended, SessionEnd.Logout, default);

        var listed = new List<SessionSummary>();
        for (int? skip = 0; skip is not null;)
        {
            var page = (await a.Listing.OfSubjectAsync(Issuer, _subject, skip.Value, 3, default))!;
            listed.AddRange(page.Sessions);
            skip = page.Next;
        }
        Assert.Equal(ids.AsEnumerable().Reverse(), listed.Select(s => s.Id));
        Assert.All(listed, s => Assert.Equal(("main", _subject, Clock.UtcNow), (s.Provider, s.Subject, s.SignedIn)));
        Assert.Equal("acme", Assert.Single(listed[0].Organizations).Slug);
        var text = System.Text.Json.JsonSerializer.Serialize(listed);
        Assert.DoesNotContain("token", text, StringComparison.OrdinalIgnoreCase);

        var all = (await a.Listing.AllAsync(0, 500, default))!.Sessions;
        Assert.Contains(all, s => s.Id == ids[3] && Math.Abs((s.LastSeen!.Value - Clock.UtcNow).TotalSeconds) < 1);
        Assert.True(await a.Directory.CountAsync(default) >= 7);
    }

    [Fact]
    public async Task A_session_whose_index_cannot_be_written_does_not_come_to_be()
    {
        var a = await ReplicaAsync();
        a.Store.IndexesFail = true;
        Assert.Null(await a.Sessions.CreateAsync(TestSessions.Record(Clock.UtcNow, _subject), default));
    }

    [Theory]
    [InlineData(RevocationScope.Session)]
    [InlineData(RevocationScope.ProviderSession)]
    [InlineData(RevocationScope.Subject)]
    [InlineData(RevocationScope.Membership)]
    [InlineData(RevocationScope.Organization)]
    public async Task A_revocation_in_an_outage_holds_here_at_once_and_everywhere_once_the_store_is_back(RevocationScope scope)
    {
        var (a, b) = (await ReplicaAsync(), await ReplicaAsync());
        var id = await SignInAsync(a, TestSessions.Record(Clock.UtcNow, _subject) with { ProviderSession = "sid" + _subject, Memberships = [Member("org" + _subject)] });
        Assert.Equal(SessionStatus.Found, await b.StatusAsync(id));
        a.Store.IsDown = true;
        Assert.False((await a.Revocation.RevokeAsync(new(scope, "admin", id.ToString(), Issuer, _subject, "sid" + _subject, "org" + _subject))).Complete);
        Assert.False(await IsInAsync(a, id));
        Clock.Advance(a.Options.CopyFor + TimeSpan.FromMinutes(2)); // long after the moment, still in the outage
        Assert.False(await IsInAsync(a, id));

        a.Store.IsDown = false;
        Assert.False(await IsInAsync(a, id)); // though the record is there
        await Wait.UntilAsync(
            async () =>
            {
                Clock.Advance(TimeSpan.FromSeconds(1));
                return !await IsInAsync(b, id);
            },
            TimeSpan.FromSeconds(20),
            "it is carried through");
        Assert.False(await IsInAsync(a, id));
        var stored = await b.Sessions.ReadAsync(id, default);
        if (scope == RevocationScope.Membership)
            Assert.Empty(stored.Value!.Value.Memberships);
        else
            await Wait.UntilAsync(async () => (await b.Sessions.ReadAsync(id, default)).Status == StoreStatus.Missing, TimeSpan.FromSeconds(20), "the record dies");
    }

    [Fact]
    [Trait("Row", "K11")]
    public async Task Nothing_in_an_index_says_whose_it_is()
    {
        var a = await ReplicaAsync();
        var id = await SignInAsync(a, TestSessions.Record(Clock.UtcNow, _subject) with { ProviderSession = "sid" + _subject, Memberships = [Member("org" + _subject)] });
        foreach (var key in new[] { SessionDirectory.OfSubject(Issuer, _subject), SessionDirectory.OfProviderSession(Issuer, "sid" + _subject), SessionDirectory.OfOrganization("org" + _subject) })
        {
            Assert.DoesNotContain(_subject, key.ToString(), StringComparison.Ordinal);
            Assert.Equal(id, Assert.Single((await a.Directory.ReadAsync(key, 0, 10, default)).Value!).Id);
        }
    }

    internal abstract Task<IStore> OpenAsync();

    private static Membership Member(string org) => new(org, null, null, ["member"], []);

    private async Task<bool> IsInAsync(Replica replica, SessionId id) =>
        (await replica.Sessions.FindAsync(id, default)).Session is { } session && session.Organizations.Find("org" + _subject) is not null;

    private static async Task<SessionId> SignInAsync(Replica replica, SessionRecord record)
    {
        var id = (await replica.Sessions.CreateAsync(record, default))!.Value.Session.Id;
        Assert.Equal(SessionStatus.Found, await replica.StatusAsync(id));
        return id;
    }

    private async Task<Replica> ReplicaAsync()
    {
        var replica = new Replica(await OpenAsync(), Clock);
        _replicas.Add(replica);
        // Subscribed: what is published now comes back.
        var heard = 0;
        replica.Revocations.Subscribe(_ => Interlocked.Increment(ref heard));
        await Wait.UntilAsync(
            async () =>
            {
                Interlocked.Exchange(ref heard, 0);
                await replica.Revocations.PublishAsync(new(RevocationScope.ApiKey, "probe", KeyId: "probe"));
                await Task.Delay(20);
                return heard > 1;
            },
            TimeSpan.FromSeconds(10),
            "the replica listens");
        return replica;
    }
}
