using OrgGateway.Sessions;

namespace OrgGateway.Tokens;

/// <summary>Gives a process that began to present a token, and holds its lease no more, time to write down what it learned: it may be slow, or wait for the store.</summary>
internal sealed class OrphanWatch(TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private RefreshMark? _mark;
    private DateTimeOffset _until;

    /// <summary>The mark that was watched for long enough.</summary>
    public RefreshMark? GivenUp => _mark is not null && clock.GetUtcNow() >= _until ? _mark : null;

    /// <returns>How long to wait before looking again.</returns>
    public TimeSpan Saw(RefreshMark mark)
    {
        var now = clock.GetUtcNow();
        if (mark != _mark)
            (_mark, _until) = (mark, now + Patience);
        return _until > now ? _until - now : TimeSpan.FromMilliseconds(1);
    }
}
