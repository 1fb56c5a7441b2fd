using System.Globalization;

namespace OrgGateway.Tests.Servers;

/// <summary>The wall clock of a process, moved while it runs (libfaketime). What measures durations goes on as ever, as when a real clock is set.</summary>
internal static class SteppedClock
{
    private static readonly string File = Path.Combine(Path.GetTempPath(), $"orggateway-clock-{System.Environment.ProcessId}");

    public static IReadOnlyDictionary<string, string> Environment
    {
        get
        {
            Set(TimeSpan.Zero);
            return new Dictionary<string, string>
            {
                ["LD_PRELOAD"] = Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).First(),
                ["FAKETIME_TIMESTAMP_FILE"] = File,
                ["FAKETIME_CACHE_DURATION"] = "1",
                ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
                ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0", // else every timed wait of the runtime is over at once, again and again
            };
        }
    }

    public static void Set(TimeSpan step)
    {
        var draft = File + ".new";
        System.IO.File.WriteAllText(draft, string.Create(CultureInfo.InvariantCulture, $"{step.TotalSeconds:+0;-0;+0}"));
        System.IO.File.Move(draft, File, overwrite: true);
    }
}
