using OrgGateway.Sessions;

namespace OrgGateway.Tokens;

/// <summary>Gives a process that began to present a token, and holds its lease no more, time to write down what it learned: it may be slow, or wait for the store.</summary>
internal sealed class OrphanWatch(TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private RefreshMark? _mark;
    private long _since;

    /// <summary>The mark that was watched for long enough.</summary>
    public RefreshMark? GivenUp => _mark is not null && clock.GetElapsedTime(_since) >= Patience ? _mark : null;

    /// <returns>How long to wait before looking again.</returns>
    public TimeSpan Saw(RefreshMark mark)
    {
        if (mark != _mark)
            (_mark, _since) = (mark, clock.GetTimestamp());
        return Patience - clock.GetElapsedTime(_since) is var left && left > Shortest ? left : Shortest;
    }
}
