using OrgGateway.Bearer;
using OrgGateway.Identities;
using OrgGateway.Sessions;

namespace OrgGateway.Access;

/// <summary>Who asks, as proved by the one credential that counts: a session, or a machine's bearer token or API key; nobody when empty.</summary>
/// <param name="Token">The caller's own bearer token, where that is the credential.</param>
public readonly record struct Caller(Identity? Identity, Session? Session, BearerToken? Token = null)
{
    public static Caller Nobody => default;

    public static Caller Of(Session session) => new(session.Identity, session);
}
