using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace OrgGateway.Tests.Servers;

/// <summary>A program started by a test: everything it prints is kept, and it does not outlive its disposal.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan KillBound = TimeSpan.FromSeconds(10);
    // A test host's own settings, which would reach into the program under test.
    private static readonly string[] NotInherited = ["ASPNETCORE_", "DOTNET_ENVIRONMENT", "DOTNET_STARTUP_HOOKS", "VSTEST_", "MSBUILD", "Gateway__", "OTEL_"];

    private readonly StringBuilder _output = new();
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    /// <summary>Standard output and standard error so far, in the order in which the lines came.</summary>
    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    public static ChildProcess Start(
        string program, IEnumerable<string> arguments, string? workingDirectory = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? Repository.Root,
        };
        foreach (var name in start.Environment.Keys.Where(name => NotInherited.Any(name.StartsWith)).ToArray()) start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;

        var process = new Process { StartInfo = start };
        var child = new ChildProcess(process);
        process.OutputDataReceived += child.Keep;
        process.ErrorDataReceived += child.Keep;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>The first whole line that satisfies the predicate; fails with all output when the program ends without one.</summary>
    public async Task<string> WaitForLineAsync(Func<string, bool> wanted, TimeSpan bound, string what)
    {
        string? line = null;
        await Wait.UntilAsync(
            () =>
            {
                var ended = HasExited;
                line = Output.Split('\n').FirstOrDefault(wanted);
                return line is not null || (ended ? throw Ended(what) : false);
            },
            bound,
            what);
        return line!;
    }

    public InvalidOperationException Ended(string what) => new($"{what}: the program ended with exit code {ExitCode} and printed\n{Output}");

    /// <summary>Asks the program to end (SIGTERM), as a container runtime does.</summary>
    public void Terminate()
    {
        if (!_process.HasExited) _ = SendSignal(_process.Id, SigTerm);
    }

    /// <returns>The exit code, with all output read.</returns>
    public async Task<int> WaitForExitAsync(TimeSpan bound)
    {
        using var limit = new CancellationTokenSource(bound);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"process {Id} did not end within {bound.TotalSeconds:0.#} s and printed\n{Output}");
        }
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await WaitForExitAsync(KillBound);
        _process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null) return;
        lock (_output) _output.Append(line.Data).Append('\n');
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
