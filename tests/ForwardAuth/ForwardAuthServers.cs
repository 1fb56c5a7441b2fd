using System.Net.Sockets;
using System.Text.Json.Nodes;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.ForwardAuth;

/// <summary>A gateway that proxies on this machine may ask, an app, and in front of it nginx, Caddy and HAProxy as their packages come, each with the configuration we ship.</summary>
public sealed class ForwardAuthServers : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly Dictionary<string, (ChildProcess Process, Uri Url)> _proxies = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("orggateway-proxies-").FullName;
    private GatewayStack? _stack;

    public GatewayStack Stack => _stack!;

    /// <summary>The app behind the proxies; the gateway does not know it.</summary>
    public EchoUpstream App { get; } = new();

    public Uri UrlOf(string proxy) => _proxies[proxy].Url;

    public string OutputOf(string proxy) => _proxies[proxy].Process.Output;

    public async Task InitializeAsync()
    {
        await App.StartAsync();
        _stack = await GatewayStack.StartAsync(new()
        {
            Configure = (_, configuration) => configuration["Gateway"]!["TrustedProxies"] = new JsonArray("127.0.0.1"),
        });
        await Task.WhenAll(StartAsync("nginx", StartNginx), StartAsync("caddy", StartCaddy), StartAsync("haproxy", StartHaproxy));
    }

    public async Task DisposeAsync()
    {
        foreach (var (process, _) in _proxies.Values)
            await process.DisposeAsync();
        await Stack.DisposeAsync();
        await App.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(string name, Func<int, ChildProcess> start)
    {
        var port = FreePort.Next();
        var process = start(port);
        lock (_proxies)
            _proxies[name] = (process, new Uri($"http://127.0.0.1:{port}"));
        await Wait.UntilAsync(
            async () =>
            {
                if (process.HasExited)
                    throw process.Ended(name + " starts");
                using var socket = new TcpClient();
                try
                {
                    await socket.ConnectAsync("127.0.0.1", port);
                    return true;
                }
                catch (SocketException)
                {
                    return false;
                }
            },
            Bound,
            name + " starts");
    }

    private ChildProcess StartNginx(int port)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "nginx")).FullName;
        var temporary = string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(kind => $"{kind}_temp_path {folder}/{kind}; "));
        File.WriteAllText(
            Path.Combine(folder, "nginx.conf"),
            $"daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr; events {{ }} http {{ access_log off; {temporary} {Shipped("nginx.conf", port)} }}");
        return ChildProcess.Start("nginx", ["-p", folder, "-c", Path.Combine(folder, "nginx.conf")], folder);
    }

    private ChildProcess StartCaddy(int port)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "caddy")).FullName;
        File.WriteAllText(Path.Combine(folder, "Caddyfile"), Shipped("Caddyfile", port));
        return ChildProcess.Start("caddy", ["run", "--config", "Caddyfile", "--adapter", "caddyfile"], folder, new Dictionary<string, string> { ["HOME"] = folder });
    }

    private ChildProcess StartHaproxy(int port)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "haproxy")).FullName;
        File.WriteAllText(Path.Combine(folder, "haproxy.cfg"), Shipped("haproxy/haproxy.cfg", port));
        File.Copy(Repository.PathOf("deploy/forward-auth/haproxy/verify.lua"), Path.Combine(folder, "verify.lua"));
        return ChildProcess.Start(
            "/usr/sbin/haproxy", ["-db", "-f", "haproxy.cfg"], folder, new Dictionary<string, string> { ["ORGGATEWAY_VERIFY"] = $"http://127.0.0.1:{Stack.Url.Port}/auth/verify" });
    }

    private string Shipped(string file, int port) => File.ReadAllText(Repository.PathOf("deploy/forward-auth/" + file))
        .Replace("127.0.0.1:8443", $"127.0.0.1:{port}").Replace("127.0.0.1:8080", $"127.0.0.1:{Stack.Url.Port}").Replace("127.0.0.1:9000", $"127.0.0.1:{App.Port}");
}
