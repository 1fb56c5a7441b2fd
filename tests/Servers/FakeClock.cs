namespace OrgGateway.Tests.Servers;

/// <summary>A clock that stands until a test moves it. Timers run on real time.</summary>
public sealed class FakeClock : TimeProvider
{
    private long _utcTicks = new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero).UtcTicks;

    public DateTimeOffset UtcNow
    {
        get => new(Interlocked.Read(ref _utcTicks), TimeSpan.Zero);
        set => Interlocked.Exchange(ref _utcTicks, value.UtcTicks);
    }

    public override DateTimeOffset GetUtcNow() => UtcNow;
}
