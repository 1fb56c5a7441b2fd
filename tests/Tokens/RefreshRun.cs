using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Audit;
using OrgGateway.Oidc;
using OrgGateway.Sessions;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.Sessions;
using OrgGateway.Tokens;

namespace OrgGateway.Tests.Tokens;

/// <summary>What may go wrong in a schedule.</summary>
internal sealed record RefreshScenario
{
    public int Crashes { get; init; }
    public int Stalls { get; init; }
    public bool Revokes { get; init; }
    public int StoreFailuresPerHundred { get; init; }
    public int LostMessagesPerHundred { get; init; }
    public int ProviderUnavailablePerHundred { get; init; }
    public int ProviderUnansweredPerHundred { get; init; }
}

/// <summary>One schedule: three gateways' own classes, over one store and one provider.</summary>
internal sealed class RefreshRun
{
    private readonly FakeClock _clock = new();
    private readonly RefreshScenario _scenario;
    private readonly int _seed;
    private readonly Interleaving _schedule;
    private readonly SessionStore _observer;
    private readonly SessionId _id;
    private readonly List<(SimulatedProcess Process, SessionStore Sessions, UserTokens Tokens)> _replicas = [];
    private readonly List<(SimulatedProcess Process, Task<string> Answer)> _requests = [];
    private readonly List<string> _events = [];
    private readonly RecordedLog<SessionRefresh> _log = new();
    private readonly RecordedLog<SessionStore> _ends = new();
    private DateTimeOffset _wakeAt;
    private int _crashes, _stalls;

    public RefreshRun(RefreshScenario scenario, IdentityProviders providers, int seed)
    {
        (_scenario, _seed) = (scenario, seed);
        _schedule = new(seed, _clock);
        Provider = new(_schedule) { UnavailablePerHundred = scenario.ProviderUnavailablePerHundred, UnansweredPerHundred = scenario.ProviderUnansweredPerHundred };
        var shared = new MemoryStore(_clock);
        var hub = new MessageHub(scenario.LostMessagesPerHundred);
        _observer = SessionsOver(shared);
        var record = TestSessions.Record(_clock.UtcNow) with { AccessToken = "access-0", RefreshToken = Provider.Current, AccessTokenExpires = _clock.UtcNow.AddMinutes(-1), SignedIn = _clock.UtcNow.AddHours(-1) };
        _id = _observer.CreateAsync(record, default).Now()!.Value.Session.Id;
        for (var i = 0; i < 3; i++)
            _replicas.Add(ReplicaOver(shared, hub, providers));
    }

    public RotatingProvider Provider { get; }

    /// <summary>Of requests at replicas that live: an access token, or what came instead.</summary>
    public IEnumerable<string> Answers => _requests.Where(r => r.Process.IsAlive).Select(r => r.Answer.Now());

    public SessionRecord? Stored => _observer.ReadAsync(_id, default).Now().Value?.Value;

    /// <summary>A replica died or stood still while the mark said that the token was being presented.</summary>
    public bool DiedPresenting { get; private set; }

    public bool Revoked { get; private set; }

    public bool CameBack { get; private set; }

    public string? StoredBeforeEnd { get; private set; }

    public void Run() => _schedule.Run(Begin, Between, () => _requests.Count == 6 && _requests.TrueForAll(r => r.Answer.IsCompleted || !r.Process.IsAlive) && !_replicas.Exists(r => r.Process.IsStalled), TimeSpan.FromMinutes(10));

    public override string ToString() =>
        $"{string.Join(", ", _events)}; {Provider.Requests} token requests, {Provider.Reuses} reuses; answers {string.Join(", ", Answers)}; stored {Stored?.RefreshToken ?? "nothing"}; {string.Join(" | ", _log.Messages.Concat(_ends.Messages))}";

    private void Begin()
    {
        foreach (var replica in _replicas)
            for (var i = 0; i < 2; i++)
                _schedule.Later(null, () => _schedule.Post(_ => _requests.Add((replica.Process, AskAsync(replica.Sessions, replica.Tokens))), null));
    }

    private async Task<string> AskAsync(SessionStore sessions, UserTokens tokens)
    {
        var found = await sessions.FindAsync(_id, CancellationToken.None);
        if (found.Session is not { } session)
            return found.Status.ToString();
        var fresh = await tokens.EnsureAsync(session, null, CancellationToken.None);
        return fresh.Freshness == Freshness.Fresh ? fresh.Session!.Record.AccessToken : fresh.Freshness.ToString();
    }

    // Between any two steps: somebody dies, stands still, wakes up, or an administrator ends the session.
    private void Between()
    {
        if (Revoked && Stored is not null)
            CameBack = true;
        if (_replicas.Find(r => r.Process.IsStalled) is { Process: { } stalled } && _clock.UtcNow >= _wakeAt)
        {
            stalled.IsStalled = false;
            _events.Add("woken");
        }
        if (_schedule.Numbers.Next(12) != 0)
            return;
        var victim = _replicas[_schedule.Numbers.Next(3)].Process;
        if (_crashes < _scenario.Crashes && victim.IsAlive)
        {
            _crashes++;
            DiedPresenting |= Stored?.Presented is not null;
            victim.IsAlive = false;
            _events.Add(DiedPresenting ? "died presenting" : "died");
        }
        else if (_stalls < _scenario.Stalls)
        {
            _stalls++;
            DiedPresenting |= Stored?.Presented is not null;
            victim.IsStalled = true;
            _wakeAt = _clock.UtcNow.AddSeconds(30);
            _events.Add("stalled");
        }
        else if (_scenario.Revokes && !Revoked)
        {
            Revoked = true;
            StoredBeforeEnd = Stored?.RefreshToken;
            Assert.True(_observer.EndAsync(_id, SessionEnd.Logout, default).Now());
            _events.Add("revoked");
        }
    }

    private (SimulatedProcess, SessionStore, UserTokens) ReplicaOver(IStore shared, MessageHub hub, IdentityProviders providers)
    {
        var process = new SimulatedProcess();
        var store = new SteppedStore(shared, _schedule, process, hub) { FailuresPerHundred = _scenario.StoreFailuresPerHundred };
        var client = Provider.ClientOf(process);
        var sessions = SessionsOver(store);
        var (pause, steady) = (new ProviderPause(_clock), new SteadyClock(_clock, NullLogger<SteadyClock>.Instance));
        var refresh = new SessionRefresh(
            sessions, providers, new TokenClient(client, _clock, NullLogger.Instance), new IdTokenValidator(_clock, NullLogger.Instance), new UserInfoClient(client, _clock, NullLogger.Instance),
            new RefreshTokenUse(pause, steady), new TokenRevocation(client, _clock, NullLogger.Instance), new AuditTrail([], NullLogger<AuditTrail>.Instance), steady, _log);
        return (process, sessions, new UserTokens(sessions, providers, refresh, new Turns(store, _clock), pause, _clock, steady, NullLogger<UserTokens>.Instance));
    }

    private SessionStore SessionsOver(IStore store) => TestSessionStore.Over(store, _clock, _ends);
}
