using System.Net;

namespace OrgGateway.ForwardAuth;

/// <summary><c>Gateway:TrustedProxies</c> as addresses to compare with.</summary>
public sealed class TrustedPeers(IEnumerable<string> proxies)
{
    private readonly IPNetwork[] _networks = [.. proxies.Select(Parse).OfType<IPNetwork>()];

    public bool Contains(IPAddress? address)
    {
        if (address is null)
            return false;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(_networks, network => network.Contains(plain));
    }

    private static IPNetwork? Parse(string proxy) =>
        IPNetwork.TryParse(proxy, out var network) ? network
        : IPAddress.TryParse(proxy, out var address) ? new IPNetwork(address, address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128)
        : null;
}
