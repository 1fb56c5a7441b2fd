using System.Diagnostics;

namespace OrgGateway.Tests.Servers;

/// <summary>Waits for a condition instead of a time; the bound turns a condition that never holds into a failure that names it.</summary>
public static class Wait
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static Task UntilAsync(Func<bool> condition, TimeSpan bound, string what) =>
        UntilAsync(() => Task.FromResult(condition()), bound, what);

    public static async Task UntilAsync(Func<Task<bool>> condition, TimeSpan bound, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > bound) throw new TimeoutException($"{what}: not within {bound.TotalSeconds:0.#} s");
            await Task.Delay(Pause);
        }
    }
}
