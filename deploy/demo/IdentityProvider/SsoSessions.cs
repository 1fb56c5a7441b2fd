namespace OrgGateway.Demo.IdentityProvider;

/// <summary>The sign-ins the provider remembers, found by their cookie.</summary>
internal sealed class SsoSessions(ProviderAddress address, DemoProviderOptions options)
{
    private readonly BoundedMap<SsoSession> _byHandle = new(10_000);

    public SsoSession? Find(HttpContext context) =>
        context.Request.Cookies.TryGetValue(address.CookieName("sso"), out var handle)
        && _byHandle.TryGet(handle, out var session)
        && session.AuthTime + options.SsoLifetime > options.Clock.GetUtcNow()
            ? session
            : null;

    public SsoSession? FindBySid(string sid) => _byHandle.Values().FirstOrDefault(session => session.Sid == sid);

    public IEnumerable<SsoSession> Of(string sub) => _byHandle.Values().Where(session => session.Sub == sub);

    public SsoSession SignIn(HttpContext context, DemoUser user)
    {
        // A new handle at every sign-in (session fixation); the same person keeps the sid, so that a re-authentication
        // does not cut the clients of before off from the logout.
        var before = Find(context);
        if (before is not null)
            End(before);
        var (sid, clients) = before?.Sub == user.Sub ? (before.Sid, before.Clients) : (RandomId.New(), new());
        var session = new SsoSession(RandomId.New(), sid, user.Sub, options.Clock.GetUtcNow(), clients);
        _byHandle.Set(session.Handle, session);
        context.Response.Cookies.Append(address.CookieName("sso"), session.Handle, Cookie);
        return session;
    }

    /// <returns>Whether this call ended it.</returns>
    public bool End(SsoSession session) => _byHandle.Remove(session.Handle, out _);

    public void ForgetCookie(HttpContext context) => context.Response.Cookies.Delete(address.CookieName("sso"), Cookie);

    private static CookieOptions Cookie => new() { HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/" };
}
