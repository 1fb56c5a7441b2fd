using OrgGateway.Identities;
using OrgGateway.Sessions;

namespace OrgGateway.Access;

/// <summary>Who asks, as proved by the one credential that counts: a session, or a machine's bearer token or API key; nobody when empty.</summary>
public readonly record struct Caller(Identity? Identity, Session? Session)
{
    public static Caller Nobody => default;

    public static Caller Of(Session session) => new(session.Identity, session);
}
