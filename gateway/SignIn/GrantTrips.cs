using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using OrgGateway.Configuration;
using OrgGateway.Sessions;

namespace OrgGateway.SignIn;

/// <summary>
/// Ends a circle of grants beside a session (<see cref="GrantBeside"/>): each is kept, and is of no use to the page that asked for it, since
/// it has expired on arrival or the application's route cannot use it. After six in a minute, for one organization and page, the browser
/// gets a page (T45). <see cref="RoundTrips"/> cannot see it: the session is there and in use.
/// </summary>
public sealed class GrantTrips(SessionCookie session, Site site, TimeProvider clock)
{
    private readonly TripCookie _counted = new(session.LoginPrefix + "grants", slides: false, site, clock);

    /// <summary>Whether a login that is about to begin is one of a circle.</summary>
    public bool IsCircle(HttpContext context, LoginRequest request) =>
        request.Org is not null && session.IsPresent(context.Request) && _counted.Ends(context, PlaceOf(request.Org, request.Next));

    /// <summary>A grant was kept.</summary>
    public void Count(HttpContext context, LoginTransaction transaction) => _counted.Count(context, PlaceOf(transaction.Org!, transaction.Next));

    // Where somebody wanted to go is not written into a cookie.
    private static string PlaceOf(string org, string next) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{org.Length}:{org}{next}")).AsSpan(0, 6));
}
