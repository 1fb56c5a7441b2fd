using OrgGateway.Sessions;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sessions;

/// <summary>A machine's clock that is set, and the time by which sessions end.</summary>
public sealed class SteadyClockTests
{
    private readonly FakeClock _machine = new();
    private readonly RecordedLog<SteadyClock> _log = new();
    private readonly SteadyClock _steady;
    private readonly DateTimeOffset _start;

    public SteadyClockTests() => (_steady, _start) = (new(_machine, _log), _machine.UtcNow);

    private TimeSpan Passed => _steady.GetUtcNow() - _start;

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(24 * 365)]
    public void Time_goes_on_where_the_clock_is_set_and_set_back(int hours)
    {
        After(TimeSpan.FromDays(1));
        Set(TimeSpan.FromHours(hours));
        Assert.Equal((TimeSpan.FromDays(1), true), (Passed, _steady.IsInDoubt));
        After(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(10), Passed);
        Set(TimeSpan.FromHours(-hours));
        Assert.Equal((TimeSpan.FromDays(1) + TimeSpan.FromSeconds(10), false), (Passed, _steady.IsInDoubt));
        Assert.Contains("look at this machine's clock", Assert.Single(_log.Messages), StringComparison.Ordinal);
    }

    [Fact]
    public void A_clock_that_stays_as_it_was_set_is_believed_in_the_end()
    {
        Set(TimeSpan.FromHours(1));
        After(SteadyClock.BelievedAfter - TimeSpan.FromSeconds(1));
        Assert.Equal((SteadyClock.BelievedAfter - TimeSpan.FromSeconds(1), true), (Passed, _steady.IsInDoubt));
        After(TimeSpan.FromSeconds(1));
        Assert.Equal((SteadyClock.BelievedAfter + TimeSpan.FromHours(1), false), (Passed, _steady.IsInDoubt));
        // From here on the other way round.
        Set(TimeSpan.FromHours(-1));
        Assert.Equal((SteadyClock.BelievedAfter + TimeSpan.FromHours(1), true), (Passed, _steady.IsInDoubt));
    }

    [Fact]
    public void A_clock_that_is_set_again_and_again_is_not_believed_meanwhile()
    {
        for (var n = 1; n <= 20; n++)
        {
            Set(TimeSpan.FromHours(n % 2 == 0 ? -3 : 1));
            After(TimeSpan.FromMinutes(1));
            Assert.Equal(TimeSpan.FromMinutes(n), Passed);
        }
    }

    [Fact]
    public void Small_corrections_are_followed_however_many()
    {
        for (var n = 1; n <= 100; n++)
        {
            _machine.Set(TimeSpan.FromSeconds(20));
            Assert.Equal((TimeSpan.FromSeconds(20 * n), false), (Passed, _steady.IsInDoubt));
        }
        Assert.Empty(_log.Messages);
    }

    private void Set(TimeSpan by)
    {
        _machine.Set(by);
        _ = Passed; // as the sweep of sockets asks all the time
    }

    private void After(TimeSpan time)
    {
        _machine.Advance(time);
        _ = Passed;
    }
}
