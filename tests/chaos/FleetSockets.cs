using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text;

namespace OrgGateway.Tests.Chaos;

/// <summary>WebSockets through HAProxy that talk all the time and connect again when they are told to.</summary>
internal sealed class FleetSockets(Fleet fleet, FaultTable table, FleetTraffic traffic)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    /// <param name="life">After which it closes its socket itself and opens another.</param>
    /// <param name="anew">Each socket with a sign-in of its own.</param>
    public async Task StayAsync(string email, string subject, string organization, TimeSpan pace, TimeSpan life, CancellationToken end, bool anew = false)
    {
        using var pacer = new PeriodicTimer(pace);
        string? session = null;
        while (await FleetTraffic.NextAsync(pacer, end))
        {
            if ((session ??= await traffic.SignInAsync(email)) is not { } shown)
                continue;
            var (opened, status) = await OpenAsync(shown, organization, subject);
            if (status == HttpStatusCode.Unauthorized)
                session = null;
            if (opened is null)
                continue;
            using (opened)
                await TalkAsync(opened, pacer, life, end);
            if (anew)
                session = null;
        }
    }

    /// <returns>A socket that has said whose it is, or the status of its refusal.</returns>
    public async Task<(ClientWebSocket? Socket, HttpStatusCode Status)> OpenAsync(string session, string organization, string subject)
    {
        var (begun, began, socket) = (table.Now, Stopwatch.GetTimestamp(), new ClientWebSocket());
        socket.Options.SetRequestHeader("Cookie", "orggw=" + session);
        socket.Options.SetRequestHeader("Origin", fleet.Origin.GetLeftPart(UriPartial.Authority));
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        socket.Options.CollectHttpResponseDetails = true;
        using var bound = new CancellationTokenSource(Bound);
        try
        {
            await socket.ConnectAsync(new Uri($"ws://{fleet.Origin.Authority}/orgs/{organization}/live"), bound.Token);
            var hello = await ReceiveAsync(socket, bound.Token);
            var phase = table.Ended(begun);
            if (hello == FleetUpstream.Sign(organization, subject))
            {
                phase.Answered(Stopwatch.GetElapsedTime(began));
                return (socket, HttpStatusCode.SwitchingProtocols);
            }
            if (hello is not null)
                phase.Mistaken($"a socket of {subject} in {organization} heard '{hello}'");
            else
                phase.Closed($"{(int?)socket.CloseStatus}"); // asked to go as soon as it came
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or HttpRequestException or IOException)
        {
            var phase = table.Ended(begun);
            if (socket.HttpStatusCode == HttpStatusCode.Unauthorized)
                phase.SignedOut($"socket of {subject}");
            else if (socket.HttpStatusCode == HttpStatusCode.Forbidden)
                phase.Mistaken($"socket of {subject} refused in {organization}");
            else
                phase.Failed($"socket {(int)socket.HttpStatusCode}", $"socket of {subject}: {exception.Message}");
        }
        var status = socket.HttpStatusCode;
        socket.Dispose();
        return (null, status);
    }

    /// <returns>Whether something said came back.</returns>
    public static async Task<bool> EchoesAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        await socket.SendAsync("still here"u8.ToArray(), WebSocketMessageType.Text, true, cancellationToken);
        return await ReceiveAsync(socket, cancellationToken) is not null;
    }

    private async Task TalkAsync(ClientWebSocket socket, PeriodicTimer pacer, TimeSpan life, CancellationToken end)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            while (await FleetTraffic.NextAsync(pacer, end) && Stopwatch.GetElapsedTime(began) < life)
            {
                using var bound = new CancellationTokenSource(Bound);
                if (await EchoesAsync(socket, bound.Token))
                    continue;
                table.Now.Closed($"{(int?)socket.CloseStatus}");
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, bound.Token);
                return;
            }
            using var patience = new CancellationTokenSource(Bound);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
        {
            // A Close frame may have come before the connection broke under what was being sent.
            table.Now.Closed(await CodeLeftAsync(socket) is { } code ? $"{code}" : "broken");
        }
    }

    private static async Task<int?> CodeLeftAsync(ClientWebSocket socket)
    {
        try
        {
            using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            if (socket.State == WebSocketState.Open)
                await ReceiveAsync(socket, bound.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
        {
        }
        return (int?)socket.CloseStatus;
    }

    // Null for a Close.
    private static async Task<string?> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[1024];
        var message = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
        return message.MessageType == WebSocketMessageType.Close ? null : Encoding.UTF8.GetString(buffer, 0, message.Count);
    }
}
