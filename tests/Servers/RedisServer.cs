using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace OrgGateway.Tests.Servers;

/// <summary>A real redis-server of this fixture alone: on loopback, in memory, and able to die, freeze and come back on its port.</summary>
public sealed class RedisServer : IAsyncLifetime
{
    private const int SigCont = 18;
    private const int SigStop = 19;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly StringBuilder _output = new();
    private Process? _process;

    public int Port { get; } = FreePort.Next();

    /// <summary>What clients must give (requirepass); none unless set.</summary>
    public string? Password { get; init; }

    /// <summary>More of the server's settings, as on its command line.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Makes it a sentinel, which keeps its state in this file.</summary>
    public string? SentinelFile { get; init; }

    /// <summary>A folder that for this server is a disk of its own, of so many MiB. Needs the right to make mounts.</summary>
    public (string Folder, int MiB)? Disk { get; init; }

    /// <summary>For <c>Gateway:Store:Redis</c>.</summary>
    public string Configuration => $"127.0.0.1:{Port}" + (Password is null ? "" : ",password=" + Password);

    public Task InitializeAsync() => StartAgainAsync();

    public Task DisposeAsync() => KillAsync();

    /// <summary>Starts empty, on the same port, and waits until it answers.</summary>
    public async Task StartAgainAsync()
    {
        string[] arguments = SentinelFile is { } file ? [file, "--sentinel", "--port", $"{Port}", "--bind", "127.0.0.1"] : ["--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", .. Arguments];
        if (Password is not null)
            arguments = [.. arguments, "--requirepass", Password];
        var process = new Process
        {
            // The mount is in a namespace of this process: it ends with it. Everything becomes redis-server in the end, so that its id is the one we know.
            StartInfo = new ProcessStartInfo(Disk is null ? "redis-server" : "unshare", Disk is { } disk ? ["--mount", "sh", "-c", $"mount -t tmpfs -o size={disk.MiB}m none {disk.Folder} && exec redis-server \"$@\"", "redis-server", .. arguments] : arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = Path.GetTempPath(),
            },
        };
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        await Wait.UntilAsync(AnswersAsync, Bound, "redis-server answers");
    }

    /// <summary>Ends it without a chance to say goodbye (SIGKILL).</summary>
    public async Task KillAsync()
    {
        if (Interlocked.Exchange(ref _process, null) is not { } process)
            return;
        using (process)
        {
            if (!process.HasExited)
                process.Kill();
            using var limit = new CancellationTokenSource(Bound);
            await process.WaitForExitAsync(limit.Token);
        }
    }

    /// <summary>Connections stay, nothing answers.</summary>
    public void Freeze() => Signal(SigStop);

    public void Thaw() => Signal(SigCont);

    public Task FlushAsync() => AskAsync("FLUSHALL");

    /// <summary>Leaves no byte free on its <see cref="Disk"/>.</summary>
    public async Task FillDiskAsync()
    {
        var piece = new byte[4096];
        try
        {
            await using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            while (true)
                await file.WriteAsync(piece);
        }
        catch (IOException)
        {
            // full
        }
    }

    public void FreeDisk() => File.Delete(Filler);

    /// <returns>Calls so far by command, of every client; a client's own upkeep (ping, info, client ...) included.</returns>
    public async Task<IReadOnlyDictionary<string, long>> CommandStatsAsync() =>
        Encoding.ASCII.GetString((byte[])(await AskAsync("INFO", "commandstats"))!)
            .Split("\r\n")
            .Where(line => line.StartsWith("cmdstat_", StringComparison.Ordinal))
            .Select(line => line["cmdstat_".Length..].Split(':', 2))
            .ToDictionary(pair => pair[0], pair => long.Parse(pair[1].Split(',')[0].Split('=')[1], CultureInfo.InvariantCulture));

    /// <returns>Every key with its value's bytes (of collections: all members, on lines), to look for what must not stand there.</returns>
    public async Task<IReadOnlyDictionary<string, byte[]>> DumpAllAsync()
    {
        using var limit = new CancellationTokenSource(Bound);
        using var redis = await RedisConversation.OpenAsync(Port, Password, limit.Token);
        var all = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var key in ((List<object?>)(await redis.AskAsync(limit.Token, "KEYS", "*"))!).Select(bytes => Encoding.Latin1.GetString((byte[])bytes!)))
        {
            var value = await redis.AskAsync(limit.Token, "TYPE", key) switch
            {
                "string" => await redis.AskAsync(limit.Token, "GET", key),
                "hash" => await redis.AskAsync(limit.Token, "HGETALL", key),
                "list" => await redis.AskAsync(limit.Token, "LRANGE", key, "0", "-1"),
                "set" => await redis.AskAsync(limit.Token, "SMEMBERS", key),
                "zset" => await redis.AskAsync(limit.Token, "ZRANGE", key, "0", "-1", "WITHSCORES"),
                "none" => null, // expired meanwhile
                var type => throw new NotSupportedException($"a {type} at {key}"),
            };
            if (value is not null)
                all[key] = value as byte[] ?? [.. ((List<object?>)value).SelectMany(member => (byte[])[.. (byte[])member!, (byte)'\n'])];
        }
        return all;
    }

    /// <summary>One command on a connection of its own.</summary>
    public async Task<object?> AskAsync(params string[] words)
    {
        using var limit = new CancellationTokenSource(Bound);
        using var redis = await RedisConversation.OpenAsync(Port, Password, limit.Token);
        return await redis.AskAsync(limit.Token, words);
    }

    // As the server sees it: nobody else has that mount.
    private string Filler => $"/proc/{_process!.Id}/root{Disk!.Value.Folder}/filler";

    private async Task<bool> AnswersAsync()
    {
        if (_process!.HasExited)
            throw new InvalidOperationException("redis-server ended: " + _output);
        try
        {
            return await AskAsync("PING") is "PONG";
        }
        catch (Exception exception) when (exception is SocketException or IOException || exception.Message.Contains("LOADING", StringComparison.Ordinal))
        {
            return false;
        }
    }

    private void Signal(int signal)
    {
        if (_process is not { HasExited: false } process || SendSignal(process.Id, signal) != 0)
            throw new InvalidOperationException("redis-server is not running");
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
            _output.AppendLine(line.Data);
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
