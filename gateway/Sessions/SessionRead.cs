namespace OrgGateway.Sessions;

public enum SessionStatus
{
    /// <summary>No such session: never was, ended, or unreadable for its seal.</summary>
    None,
    Found,

    /// <summary>The store cannot be read: nothing is known, so the cookie stays and nobody is signed out.</summary>
    Unavailable,
}

public readonly record struct SessionRead(SessionStatus Status, Session? Session)
{
    public static SessionRead None => default;
    public static readonly SessionRead Unavailable = new(SessionStatus.Unavailable, null);
    public static SessionRead Found(Session session) => new(SessionStatus.Found, session);
}
