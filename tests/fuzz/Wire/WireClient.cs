using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Bytes to a server as they are, and everything it says until it closes.</summary>
internal static class WireClient
{
    /// <summary>Who says less than it has announced is waited for; then it says that there is no more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    /// <param name="from">Any loopback address: limits count by it.</param>
    /// <param name="frames">Sent where the answer is an upgrade.</param>
    /// <exception cref="FuzzViolation">The server holds a connection whose client has ended.</exception>
    public static string Send(int port, byte[] request, IPAddress from, byte[] frames)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = (int)Patience.TotalMilliseconds };
        socket.Bind(new IPEndPoint(from, 0));
        socket.Connect(IPAddress.Loopback, port);
        var answer = new StringBuilder();
        var buffer = new byte[16 * 1024];
        var (ended, upgraded) = (false, false);
        try
        {
            socket.Send(request);
            while (true)
            {
                int read;
                try
                {
                    read = socket.Receive(buffer);
                }
                catch (SocketException late) when (late.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
                {
                    FuzzViolation.Unless(!ended, "the connection stays open though the client has ended it");
                    ended = true;
                    socket.Shutdown(SocketShutdown.Send);
                    socket.ReceiveTimeout = (int)Bound.TotalMilliseconds;
                    continue;
                }
                if (read == 0)
                    break;
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
                if (upgraded || !answer.ToString(0, Math.Min(13, answer.Length)).StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
                    continue;
                upgraded = true;
                socket.Send(frames);
            }
        }
        catch (SocketException)
        {
            // Reset: what came until then is the answer.
        }
        return answer.ToString();
    }
}
