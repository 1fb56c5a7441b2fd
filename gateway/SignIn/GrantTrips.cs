using System.Buffers.Text;
using System.Globalization;
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
/// <remarks>The count is in the browser, which has been proved to keep cookies: so it is right on every replica. Nothing but the circle hangs on it.</remarks>
public sealed class GrantTrips(SessionCookie session, Site site, TimeProvider clock)
{
    private const int Most = 6;

    // Of tabs that are opened together. One more is counted once another's minute is over.
    private const int MostPlaces = 8;
    private const int LongestValue = 256;
    private const int Window = 60; // seconds
    private readonly string _name = session.LoginPrefix + "grants";

    /// <summary>Whether a login that is about to begin is one of a circle; to try again afterwards is a new start.</summary>
    public bool IsCircle(HttpContext context, LoginRequest request)
    {
        if (request.Org is null || !session.IsPresent(context.Request))
            return false;
        var counted = Read(context.Request);
        var place = PlaceOf(request.Org, request.Next);
        if (!counted.Exists(trip => trip.Place == place && trip.Count >= Most))
            return false;
        counted.RemoveAll(trip => trip.Place == place);
        Write(context.Response, counted);
        return true;
    }

    /// <summary>A grant was kept.</summary>
    public void Count(HttpContext context, LoginTransaction transaction)
    {
        var counted = Read(context.Request);
        var place = PlaceOf(transaction.Org!, transaction.Next);
        var at = counted.FindIndex(trip => trip.Place == place);
        if (at >= 0)
            counted[at] = counted[at] with { Count = Math.Min(counted[at].Count + 1, Most) };
        else if (counted.Count < MostPlaces)
            counted.Add(new(place, 1, clock.GetUtcNow().ToUnixTimeSeconds()));
        Write(context.Response, counted);
    }

    // What a browser sends is whatever somebody put there: what is not ours counts as nothing.
    private List<Trip> Read(HttpRequest request)
    {
        var trips = new List<Trip>();
        if (!request.Cookies.TryGetValue(_name, out var value) || value.Length > LongestValue)
            return trips;
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        foreach (var entry in value.Split('~'))
            if (entry.Split('.') is [{ Length: > 0 } place, var count, var since]
                && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var counted) && counted is > 0 and <= Most
                && long.TryParse(since, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && now - seconds is >= -Window and <= Window // another replica's clock may be ahead
                && place.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && trips.Count < MostPlaces)
                trips.Add(new(place, counted, seconds));
        return trips;
    }

    private void Write(HttpResponse response, List<Trip> trips) => response.Cookies.Append(
        _name,
        string.Join('~', trips.Select(trip => string.Create(CultureInfo.InvariantCulture, $"{trip.Place}.{trip.Count}.{trip.Since}"))),
        new()
        {
            HttpOnly = true,
            Secure = site.IsHttps,
            SameSite = SameSiteMode.Lax,
            Path = site.AuthPath,
            MaxAge = TimeSpan.FromSeconds(trips.Count == 0 ? 0 : Window),
        });

    // Where somebody wanted to go is not written into a cookie.
    private static string PlaceOf(string org, string next) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{org.Length}:{org}{next}")).AsSpan(0, 6));

    private readonly record struct Trip(string Place, int Count, long Since);
}
