using System.Runtime.InteropServices;
using OrgGateway.Soak;

if (args is not [var text] || !double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var minutes) || minutes is < 1 or > 24 * 60)
{
    await Console.Error.WriteLineAsync("tests/soak/run [minutes]: 1 to 1440");
    return 2;
}
using var end = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
return await new SoakRun(Console.Out).RunAsync(TimeSpan.FromMinutes(minutes), end.Token);

void End(PosixSignalContext signal)
{
    signal.Cancel = true; // what was started is ended first
    end.Cancel();
}
