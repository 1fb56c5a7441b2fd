using System.Collections.Concurrent;

namespace OrgGateway.Demo.IdentityProvider;

/// <summary>The clients and accounts known now; both may change while the provider runs.</summary>
internal sealed class Registrations
{
    private readonly ConcurrentDictionary<string, DemoClient> _clients = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DemoUser> _users = new(StringComparer.Ordinal);

    public Registrations(IEnumerable<DemoClient> clients, IEnumerable<DemoUser> users)
    {
        foreach (var client in clients)
            Put(client);
        foreach (var user in users)
            Put(user);
    }

    public void Put(DemoClient client) => _clients[client.ClientId] = client;

    public void Put(DemoUser user) => _users[user.Sub] = user;

    public DemoClient? Client(string? id) => id is null ? null : _clients.GetValueOrDefault(id);

    public DemoUser? User(string sub) => _users.GetValueOrDefault(sub);

    public DemoUser? UserByEmail(string email) =>
        _users.Values.FirstOrDefault(user => user.Email.Equals(email, StringComparison.OrdinalIgnoreCase));
}
