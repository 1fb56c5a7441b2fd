using System.Net;
using System.Net.WebSockets;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Chaos;

/// <summary>People who sign in, use every gateway and a socket, sign out at one gateway, and try again a second later.</summary>
internal sealed class FleetLeavers(Fleet fleet, FaultTable table, FleetTraffic traffic, FleetSockets sockets) : IDisposable
{
    private const string Email = "bob@globex.test", Subject = "u-bob", Organization = "globex";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly CookieClient _direct = new();

    public void Dispose() => _direct.Dispose();

    public async Task ComeAndGoAsync(TimeSpan pace, CancellationToken end)
    {
        using var pacer = new PeriodicTimer(pace);
        for (var i = 0; await FleetTraffic.NextAsync(pacer, end); i++)
            await LeaveAsync(i % fleet.Count);
    }

    private async Task LeaveAsync(int at)
    {
        var epoch = table.Epoch;
        if (await traffic.SignInAsync(Email) is not { } session)
            return;
        for (var gateway = 0; gateway < fleet.Count; gateway++)
            await StatusAsync(gateway, $"/orgs/{Organization}/work", session);
        var (socket, _) = await sockets.OpenAsync(session, Organization, Subject);
        using var open = socket;
        var phase = table.Now;
        if (await StatusAsync(at, "/auth/logout", session) is not HttpStatusCode.OK)
            return;
        phase.Revoked();
        await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
        // Where it was said it holds whatever is broken; elsewhere as soon as messages can come.
        var isQuiet = epoch > 0 && table.Epoch == epoch;
        for (var gateway = 0; gateway < fleet.Count; gateway++)
            if ((gateway == at || isQuiet) && await StatusAsync(gateway, $"/orgs/{Organization}/work", session) == HttpStatusCode.OK)
                phase.Slipped($"signed out at gateway {at}, let in at {gateway}");
        if (isQuiet && open is not null && await EchoesAsync(open))
            phase.Slipped($"signed out at gateway {at}, the socket goes on");
    }

    private static async Task<bool> EchoesAsync(ClientWebSocket socket)
    {
        using var bound = new CancellationTokenSource(Bound);
        try
        {
            return await FleetSockets.EchoesAsync(socket, bound.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or InvalidOperationException)
        {
            return false;
        }
    }

    private async Task<HttpStatusCode?> StatusAsync(int gateway, string path, string session)
    {
        try
        {
            return await _direct.StatusAsync(fleet.UrlOf(gateway), path, session);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            return null; // it is being restarted
        }
    }
}
