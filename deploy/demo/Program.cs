using System.Runtime.InteropServices;
using OrgGateway.Demo;

using var stop = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return await new DemoCommand(Gateway.RunAsync, Console.Out, Console.Error).RunAsync(args, stop.Token);
