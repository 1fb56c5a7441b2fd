using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Demo.Upstream;

namespace OrgGateway.Demo;

/// <summary>Starts what the command line names and ends all of it together.</summary>
internal sealed class DemoCommand(Func<string, CancellationToken, Task<int>> runGateway, TextWriter output, TextWriter errors)
{
    private const string GatewayUrl = "http://localhost:8080";
    private const string ManagementUrl = "http://127.0.0.1:8081";
    private const string IdentityProviderUrl = "http://localhost:8090";
    private const string UpstreamUrl = "http://localhost:8091";
    private static readonly TimeSpan GatewayPatience = TimeSpan.FromSeconds(30);

    public async Task<int> RunAsync(string[] args, CancellationToken stop)
    {
        if (DemoArguments.Parse(args) is not { } arguments)
        {
            await errors.WriteLineAsync(DemoArguments.Usage);
            return 1;
        }

        try
        {
            return arguments.Part switch
            {
                DemoArguments.IdentityProvider => await RunIdentityProviderAsync(arguments, stop),
                DemoArguments.Upstream => await RunUpstreamAsync(arguments, stop),
                _ => await RunEverythingAsync(stop),
            };
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            await errors.WriteLineAsync($"{e.Message} End the program that uses it and start the demo again.");
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
    }

    private async Task<int> RunIdentityProviderAsync(DemoArguments arguments, CancellationToken stop)
    {
        var options = new DemoProviderOptions { Url = arguments.Url ?? IdentityProviderUrl, Issuer = arguments.Issuer };
        await using var provider = await DemoProvider.StartAsync(options, stop);
        await output.WriteLineAsync($"Identity provider: {provider.Issuer}");
        return await WaitAsync(stop);
    }

    private async Task<int> RunUpstreamAsync(DemoArguments arguments, CancellationToken stop)
    {
        await using var upstream = await DemoUpstream.StartAsync(arguments.Url ?? UpstreamUrl, stop);
        await output.WriteLineAsync($"App: {upstream.Url}");
        return await WaitAsync(stop);
    }

    private async Task<int> RunEverythingAsync(CancellationToken stop)
    {
        foreach (var url in (string[])[GatewayUrl, ManagementUrl])
        {
            if (IsTaken(new Uri(url).Port))
            {
                await errors.WriteLineAsync($"{url} is in use by another program. End it and start the demo again.");
                return 1;
            }
        }

        await using var provider = await DemoProvider.StartAsync(new() { Url = IdentityProviderUrl }, stop);
        await using var upstream = await DemoUpstream.StartAsync(UpstreamUrl, stop);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var gateway = runGateway(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), ending.Token);
        if (await ListensAsync(gateway, stop))
            await output.WriteLineAsync(Welcome());
        else if (!gateway.IsCompleted && !stop.IsCancellationRequested)
        {
            await errors.WriteLineAsync($"The gateway does not listen on {GatewayUrl} after {GatewayPatience.TotalSeconds:0} seconds.");
            await ending.CancelAsync();
            await gateway;
            return 1;
        }

        return await gateway;
    }

    private static async Task<int> WaitAsync(CancellationToken stop)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    private static bool IsTaken(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return false;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return true;
        }
    }

    private static async Task<bool> ListensAsync(Task gateway, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var until = TimeProvider.System.GetUtcNow() + GatewayPatience;
        while (!gateway.IsCompleted && !stop.IsCancellationRequested && TimeProvider.System.GetUtcNow() < until)
        {
            if (await AcceptsAsync(new Uri(GatewayUrl), stop))
                return true;
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        return false;
    }

    // By connecting: a trial bind could take the port from the gateway at the moment it wants it.
    private static async Task<bool> AcceptsAsync(Uri url, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(url.Host, url.Port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Welcome()
    {
        var people = DemoDirectory.Users.Select(user => $"    {user.Email,-20} {user.Password,-10} {Memberships(user)}");
        return $"""

              Open  {GatewayUrl}

                E-mail               Password   Organizations
            {string.Join(Environment.NewLine, people)}

              Identity provider  {IdentityProviderUrl}
              App                {UpstreamUrl}  (behind the gateway; here without it)

              Ctrl+C ends everything.

            """;
    }

    private static string Memberships(DemoUser user) =>
        user.Memberships.Count == 0
            ? "none"
            : string.Join(", ", user.Memberships.Select(membership => $"{membership.Slug} ({string.Join('/', membership.Roles)})"));
}
