using System.Globalization;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Bench.Load;

/// <summary>Other programs that stand where the gateway does, with settings as near to its own as they have, and plain proxies for orientation.</summary>
public sealed class Peers(Testbed testbed, TextWriter output)
{
    private const string ApacheModules = "/usr/lib/apache2/modules";
    private const string Express = "tests/bench/peers/express";
    private static readonly int Cores = Settings.ProxyCores is null ? Environment.ProcessorCount : Environment.ProcessorCount / 2;
    // Debian's, unless another is to be measured.
    private static readonly string OpenIdModule = Environment.GetEnvironmentVariable("MOD_AUTH_OPENIDC") ?? ApacheModules + "/mod_auth_openidc.so";
    private readonly Uri _apache = Local(), _expressCookie = Local(), _expressRedis = Local(), _oauth2Proxy = Local();
    private readonly List<Target> _targets = [];

    /// <summary>Where a provider sends people back to.</summary>
    public IEnumerable<Uri> Callbacks => [new(_apache, "/auth/callback"), new(_expressCookie, "/callback"), new(_expressRedis, "/callback"), new(_oauth2Proxy, "/oauth2/callback")];

    /// <returns>Those that are installed and let alice in; of the others a line says why they are left out.</returns>
    public async Task<IReadOnlyList<Target>> StartAsync(string issuer)
    {
        await AddAsync("nginx", "nginx", () => PlainAsync("nginx, plain proxy", "nginx.conf", "nginx", "-p", testbed.Folder, "-e", "nginx.log", "-c"));
        await AddAsync("HAProxy", "haproxy", () => PlainAsync("HAProxy, plain proxy", "haproxy.cfg", "haproxy", "-db", "-f"));
        await AddAsync("Apache with mod_auth_openidc", OpenIdModule, () => ApacheAsync(issuer));
        await AddAsync("express-openid-connect", Repository.PathOf(Express + "/node_modules"), () => ExpressAsync("express-openid-connect, cookie", _expressCookie, issuer, null));
        await AddAsync("express-openid-connect", Repository.PathOf(Express + "/node_modules"), () => ExpressAsync("express-openid-connect, Redis", _expressRedis, issuer, $"redis://127.0.0.1:{testbed.RedisPort}"));
        await AddAsync("oauth2-proxy", "oauth2-proxy", () => OAuth2ProxyAsync(issuer));
        return _targets;
    }

    private async Task AddAsync(string name, string needed, Func<Task<Target[]>> startAsync)
    {
        if (!IsInstalled(needed))
        {
            await output.WriteLineAsync($"left out: {name}, {Path.GetFileName(needed)} is not installed");
            return;
        }
        try
        {
            _targets.AddRange(await startAsync());
        }
        catch (Exception failure) when (failure is InvalidOperationException or TimeoutException or HttpRequestException)
        {
            await output.WriteLineAsync($"left out: {name}, {failure.Message}");
        }
    }

    private async Task<Target[]> PlainAsync(string name, string template, string program, params string[] arguments)
    {
        var url = Local();
        var file = await WriteAsync(template, new() { ["PORT"] = Text(url.Port), ["CORES"] = Text(Cores) });
        return [await ReadyAsync(name, url, [program, .. arguments, file])];
    }

    private async Task<Target[]> ApacheAsync(string issuer)
    {
        var plain = Local();
        var file = await WriteAsync("apache.conf", new()
        {
            ["PORT"] = Text(_apache.Port), ["PLAIN"] = Text(plain.Port), ["MODULES"] = ApacheModules, ["MODULE"] = OpenIdModule, ["REDIS"] = Text(testbed.RedisPort),
            ["ISSUER"] = issuer, ["CLIENT"] = GatewayConfiguration.ClientId, ["SECRET"] = GatewayConfiguration.ClientSecret,
        });
        var apache = await ReadyAsync("Apache, mod_auth_openidc, Redis", _apache, ["apache2", "-f", file, "-DFOREGROUND"]);
        return [apache with { Name = "Apache, plain proxy", Url = plain }, await SignInAsync(apache, "OIDC_CLAIM_sub: alice", "Authorization: Bearer ")];
    }

    private async Task<Target[]> ExpressAsync(string name, Uri url, string issuer, string? redis)
    {
        var environment = new Dictionary<string, string>
        {
            ["PORT"] = Text(url.Port), ["ISSUER"] = issuer, ["CLIENT_ID"] = GatewayConfiguration.ClientId, ["CLIENT_SECRET"] = GatewayConfiguration.ClientSecret,
            ["UPSTREAM"] = $"http://127.0.0.1:{testbed.UpstreamPort}", ["WORKERS"] = Text(Cores), ["NODE_ENV"] = "production",
        };
        if (redis is not null) environment["REDIS"] = redis;
        var express = await ReadyAsync(name, url, ["node", Repository.PathOf(Express + "/server.mjs")], environment);
        return [await SignInAsync(express, "X-Auth-User-Id: alice", "Authorization: Bearer ")];
    }

    private async Task<Target[]> OAuth2ProxyAsync(string issuer)
    {
        var proxy = await ReadyAsync("oauth2-proxy, Redis", _oauth2Proxy,
        [
            "oauth2-proxy", $"--http-address={_oauth2Proxy.Authority}", "--provider=oidc", $"--oidc-issuer-url={issuer}", $"--redirect-url={new Uri(_oauth2Proxy, "/oauth2/callback")}",
            $"--client-id={GatewayConfiguration.ClientId}", $"--client-secret={GatewayConfiguration.ClientSecret}", "--scope=openid profile email", "--code-challenge-method=S256",
            "--email-domain=*", "--skip-provider-button", "--cookie-secret=0123456789abcdef0123456789abcdef", "--cookie-secure=false", "--cookie-refresh=0",
            "--session-store-type=redis", $"--redis-connection-url=redis://127.0.0.1:{testbed.RedisPort}", $"--upstream=http://127.0.0.1:{testbed.UpstreamPort}/",
            "--pass-access-token=true", "--pass-user-headers=true", "--pass-basic-auth=false", "--request-logging=false", "--auth-logging=false", "--standard-logging=false",
        ]);
        return [await SignInAsync(proxy, "X-Forwarded-Email: alice@acme.test", "X-Forwarded-Access-Token: ")];
    }

    private async Task<Target> ReadyAsync(string name, Uri url, string[] command, Dictionary<string, string>? environment = null) =>
        new(name, url, await testbed.StartProxyAsync(name, url.Port, command, environment ?? []), null, "Accept: */*");

    private static async Task<Target> SignInAsync(Target peer, params string[] required)
    {
        using var browser = new SignIn();
        var signedIn = peer with { Header = "Cookie: " + await browser.AtAsync(new Uri(peer.Url, GatewayConfiguration.Path + "?headers"), "alice@acme.test", "demo") };
        await Proof.OfAsync(signedIn, "", required);
        return signedIn;
    }

    private async Task<string> WriteAsync(string template, Dictionary<string, string> values)
    {
        var text = await File.ReadAllTextAsync(Repository.PathOf("tests/bench/peers/" + template));
        foreach (var (name, value) in values.Append(new("FOLDER", testbed.Folder)).Append(new("UPSTREAM", Text(testbed.UpstreamPort))))
            text = text.Replace($"@{name}@", value, StringComparison.Ordinal);
        return await testbed.WriteAsync(template, text);
    }

    private static bool IsInstalled(string needed) => needed.Contains('/', StringComparison.Ordinal)
        ? Path.Exists(needed)
        : Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, needed)));

    private static Uri Local() => new($"http://127.0.0.1:{FreePort.Next()}");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
