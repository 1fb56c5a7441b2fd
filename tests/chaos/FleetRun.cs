using System.Diagnostics;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Chaos;

/// <summary>A fleet under traffic, on which faults come one after the other.</summary>
internal sealed class FleetRun : IAsyncDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    // Until subscriptions are restored, what was missed meanwhile has been read again, and pauses between tries are over.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(4);
    private readonly CancellationTokenSource _end = new();
    private readonly FleetTraffic _traffic;
    private readonly FleetLeavers _leavers;
    private readonly List<Task> _clients = [];
    private readonly FaultPhase _between;
    private readonly Action<string> _say;

    private FleetRun(Fleet fleet, string name, Action<string> say)
    {
        (Fleet, _say, _between) = (fleet, say, new($"{name}, no fault") { IsFault = false, MayFailNothing = true });
        _traffic = new(fleet, Table);
        var sockets = new FleetSockets(fleet, Table, _traffic);
        _leavers = new(fleet, Table, _traffic, sockets);
        Table.Begin(_between);
        Table.Settled(true);
        var end = _end.Token;
        foreach (var (email, subject, organizations) in new (string, string, string[])[] { ("alice@acme.test", "u-alice", ["acme", "globex"]), ("bob@globex.test", "u-bob", ["globex"]), ("carol@initech.test", "u-carol", ["initech", "acme", "globex"]), ("carol@initech.test", "u-carol", ["acme", "globex"]) })
            _clients.Add(_traffic.BrowseAsync(email, subject, organizations, Pace, end));
        _clients.Add(_traffic.CallWithKeyAsync(Pace, end));
        _clients.Add(_traffic.CallWithTokenAsync(Pace, end));
        foreach (var (email, subject, organization) in new[] { ("alice@acme.test", "u-alice", "acme"), ("carol@initech.test", "u-carol", "initech"), ("bob@globex.test", "u-bob", "globex") })
            _clients.Add(sockets.StayAsync(email, subject, organization, Pace * 3, TimeSpan.FromSeconds(30), end));
        _clients.Add(_leavers.ComeAndGoAsync(TimeSpan.FromMilliseconds(500), end));
    }

    public Fleet Fleet { get; }

    public FaultTable Table { get; } = new();

    public static async Task<FleetRun> StartAsync(string name, FleetOptions options, Action<string> say) => new(await Fleet.StartAsync(options), name, say);

    /// <summary>Some time without a fault, then the fault until all is well again.</summary>
    /// <param name="harmless">Every gateway that runs reaches the store all the time: revocations hold everywhere.</param>
    public async Task UnderAsync(FaultPhase phase, Func<Task> fault, bool harmless = false)
    {
        await GoOnAsync(TimeSpan.FromSeconds(2));
        if (!harmless)
            Table.Settled(false);
        var retried = await Fleet.Balancer.RetriedAsync();
        Table.Begin(phase);
        await fault();
        var over = Stopwatch.GetTimestamp();
        await Fleet.ReadyAsync();
        if (!harmless)
        {
            await Task.Delay(Settling);
            await Wait.UntilAsync(() => Stopwatch.GetElapsedTime(phase.LastFailure) > Settling, TimeSpan.FromSeconds(90), phase.Name + " is over, and nothing fails any more");
        }
        phase.Aftermath = phase.LastFailure > over ? Stopwatch.GetElapsedTime(over, phase.LastFailure) : TimeSpan.Zero;
        phase.Retried = await Fleet.Balancer.RetriedAsync() - retried;
        Table.Begin(_between);
        if (!harmless)
            Table.Settled(true);
    }

    /// <returns>What may not be; empty when all is well.</returns>
    public async Task<string[]> EndAsync()
    {
        await GoOnAsync(TimeSpan.FromSeconds(1));
        await _end.CancelAsync();
        await Task.WhenAll(_clients);
        foreach (var phase in Table.Phases)
            _say(FaultTable.Row(phase));
        return Table.Breaches();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_clients).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _leavers.Dispose();
        _traffic.Dispose();
        _end.Dispose();
        await Fleet.DisposeAsync();
    }

    // The time is the least; what counts is that work goes on.
    private async Task GoOnAsync(TimeSpan least)
    {
        var (good, revoked) = (_between.Good, _between.Revocations);
        await Task.Delay(least);
        await Wait.UntilAsync(() => _between.Good > good + 50 && _between.Revocations > revoked, TimeSpan.FromSeconds(60), "work goes on without a fault");
    }
}
