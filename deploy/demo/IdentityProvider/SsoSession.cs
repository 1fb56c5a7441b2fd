using System.Collections.Concurrent;

namespace OrgGateway.Demo.IdentityProvider;

/// <summary>A browser that is signed in at the provider. The cookie holds the handle, tokens hold the <paramref name="Sid"/>.</summary>
internal sealed record SsoSession(
    string Handle, string Sid, string Sub, DateTimeOffset AuthTime, ConcurrentDictionary<string, bool> Clients)
{
    /// <summary>Remembers whom to tell when this session ends.</summary>
    public void UsedBy(DemoClient client) => Clients[client.ClientId] = true;
}
