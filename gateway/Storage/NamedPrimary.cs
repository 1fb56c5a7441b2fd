using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrgGateway.Storage;

/// <summary>The primary that a sentinel names, and the epoch of that choice: of two answers the higher one is the later.</summary>
internal sealed record NamedPrimary(string Host, int Port, long Epoch)
{
    private static readonly TimeSpan LongestTry = TimeSpan.FromMilliseconds(500);

    /// <param name="answer">To <c>SENTINEL MASTER</c>.</param>
    /// <returns>Null when the answer lacks what it must have.</returns>
    public static NamedPrimary? Of(IEnumerable<KeyValuePair<string, string>> answer)
    {
        var fields = answer.DistinctBy(field => field.Key).ToDictionary(StringComparer.Ordinal);
        return fields.GetValueOrDefault("ip") is { Length: > 0 } host
            && int.TryParse(fields.GetValueOrDefault("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && long.TryParse(fields.GetValueOrDefault("config-epoch"), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            ? new(host, port, epoch)
            : null;
    }

    /// <summary>Another server, and not by a sentinel that knows less than the one that named the other.</summary>
    public bool Replaces(NamedPrimary other) => (Host, Port) != (other.Host, other.Port) && Epoch >= other.Epoch;

    /// <summary>Of a name that has several addresses, the first at which somebody listens.</summary>
    public async ValueTask<IPEndPoint> ResolveAsync(CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(Host, out var only))
            return new(only, Port);
        var places = (await Dns.GetHostAddressesAsync(Host, cancellationToken)).Select(address => new IPEndPoint(address, Port)).ToList();
        foreach (var place in places.Count > 1 ? places : [])
            if (await ListensAsync(place, cancellationToken))
                return place;
        return places[0];
    }

    public override string ToString() => $"{Host}:{Port}";

    private static async Task<bool> ListensAsync(IPEndPoint place, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LongestTry);
        using var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(place, limit.Token);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            return false;
        }
    }
}
