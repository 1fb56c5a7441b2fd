using System.Globalization;

namespace OrgGateway.Bench.Load;

/// <summary>CPU time in ticks of a hundredth of a second (USER_HZ, which is 100 on every Linux that .NET runs on).</summary>
public static class CpuTime
{
    public const double TicksPerSecond = 100;

    /// <summary>With that of its workers, and of those that ended.</summary>
    public static long OfProcess(int process) => ProcessTree.Of(process).Sum(OfOne);

    /// <summary>This program's own, with that of the children that ended: every wrk.</summary>
    public static long OfThisProgram() => Fields("/proc/self/stat")[11..15].Sum(Number);

    /// <summary>All that ran on this machine, and what its host took away (steal).</summary>
    public static long OfMachine()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..].Select(Number).ToArray();
        return fields[0] + fields[1] + fields[2] + fields[7];
    }

    private static long OfOne(int process)
    {
        try
        {
            return Fields($"/proc/{process}/stat")[11..15].Sum(Number);
        }
        catch (IOException)
        {
            return 0; // ended since it was named: its parent has its time
        }
    }

    // The name of the program, in parentheses, may hold spaces: the fields count from behind it.
    private static string[] Fields(string file) => File.ReadAllText(file).Split(") ")[^1].Split(' ');

    private static long Number(string field) => long.Parse(field, CultureInfo.InvariantCulture);
}
