using Microsoft.AspNetCore.Http.Features;

namespace OrgGateway.Sockets;

/// <summary>
/// Stands in for the server's upgrade (HTTP/1.1) or extended CONNECT (RFC 8441): what the proxy gets is a stream that a Close
/// frame can be put into. The access is checked once more behind the 101, since a revocation may have come in between (T139).
/// </summary>
public sealed class SocketHandshake(IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect, OpenSocket socket, OpeningAccess access) : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    public bool IsUpgradableRequest => upgrade?.IsUpgradableRequest ?? false;

    public bool IsExtendedConnect => connect?.IsExtendedConnect ?? false;

    public string? Protocol => connect?.Protocol;

    public async Task<Stream> UpgradeAsync() => await OpenAsync(await upgrade!.UpgradeAsync());

    public async ValueTask<Stream> AcceptAsync() => await OpenAsync(await connect!.AcceptAsync());

    private async Task<Stream> OpenAsync(Stream client)
    {
        var stream = socket.Open(client);
        if (await access.CheckAsync(socket, CancellationToken.None) is { } why)
            socket.Close(why);
        return stream;
    }
}
