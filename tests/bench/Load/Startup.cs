using System.Globalization;

namespace OrgGateway.Bench.Load;

/// <summary>
/// From the start of the process to the first answer: the gateway to "ready", bare YARP to its first answer of the upstream; each as a
/// build leaves it, and compiled ahead of time as the image has it.
/// </summary>
public sealed class Startup(TextWriter output, int times)
{
    public async Task<int> RunAsync()
    {
        await using var testbed = new Testbed();
        await testbed.StartUpstreamAsync();
        await testbed.StartRedisAsync();
        (string Name, Func<Task<TimeSpan>> Start, List<double> Took)[] rows =
        [
            ("bare YARP", () => testbed.TimeToBareAnswerAsync(published: false), []),
            ("gateway", () => testbed.TimeToReadyAsync(published: false), []),
            ("bare YARP, ReadyToRun", () => testbed.TimeToBareAnswerAsync(published: true), []),
            ("gateway, ReadyToRun", () => testbed.TimeToReadyAsync(published: true), []),
        ];
        // In turns, so that what else the machine does meanwhile meets all; the first of each warms the disk's cache and does not count.
        for (var i = 0; i <= times; i++)
        {
            foreach (var (_, start, took) in rows)
            {
                var milliseconds = (await start()).TotalMilliseconds;
                if (i > 0)
                    took.Add(milliseconds);
            }
        }
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{"",-24}{"median ms",11}{"min",7}{"max",7}{"ratio",7}"));
        for (var i = 0; i < rows.Length; i++)
        {
            var (name, _, took) = rows[i];
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{name,-24}{Middle.Of(took),11:0}{took.Min(),7:0}{took.Max(),7:0}{Middle.Of(took) / Middle.Of(rows[i - (i % 2)].Took),7:0.00}"));
        }
        return 0;
    }
}
