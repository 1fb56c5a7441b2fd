using System.Diagnostics;

namespace OrgGateway.Bench.Load;

/// <summary>Measures slices, again where something else on the machine took too much of it.</summary>
public sealed class Meter(Testbed testbed, Settings settings, string cookie)
{
    private const double QuietCores = 0.4;
    private int _retries = settings.Retries;

    public int Retried => settings.Retries - _retries;

    public async Task<Slice> MeasureAsync(Target target, int seconds)
    {
        while (true)
        {
            var (started, others) = (Stopwatch.GetTimestamp(), OthersTicks());
            var asked = target.IsGateway ? await RedisCommands.CountAsync(testbed.RedisPort) : [];
            var slice = await Slice.RunAsync(target, cookie, seconds, settings.Conns);
            if (target.IsGateway)
                slice = slice with { RedisCommands = RedisCommands.Between(asked, await RedisCommands.CountAsync(testbed.RedisPort)) };
            var busy = (OthersTicks() - others) / CpuTime.TicksPerSecond / Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (busy <= QuietCores || _retries == 0) return slice with { OthersCores = Math.Max(busy, 0) };
            _retries--;
        }
    }

    private long OthersTicks() => CpuTime.OfMachine() - CpuTime.OfThisProgram() - testbed.ProcessIds.Sum(CpuTime.OfProcess);
}
