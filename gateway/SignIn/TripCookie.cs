using System.Globalization;
using OrgGateway.Configuration;

namespace OrgGateway.SignIn;

/// <summary>
/// How often a browser came by each of a few places within a minute, kept in the browser itself: so it is right on every replica.
/// Nothing hangs on it but a page in place of a circle.
/// </summary>
/// <param name="slides">Whether the minute begins anew with each time, or only with the first.</param>
internal sealed class TripCookie(string name, bool slides, Site site, TimeProvider clock)
{
    private const int Most = 6;

    // Of tabs that are opened together. One more is counted once another's minute is over.
    private const int MostPlaces = 8;
    private const int LongestValue = 256;
    private const int Window = 60; // seconds

    /// <summary>Whether it came by this place as often as a circle does. If so the count ends: to try again afterwards is a new start.</summary>
    public bool Ends(HttpContext context, string place)
    {
        var trips = Read(context.Request);
        if (!trips.Exists(trip => trip.Place == place && trip.Count >= Most))
            return false;
        trips.RemoveAll(trip => trip.Place == place);
        Write(context.Response, trips);
        return true;
    }

    public bool Counts(HttpRequest request, string place) => Read(request).Exists(trip => trip.Place == place);

    /// <param name="place">Letters, digits, <c>-</c> and <c>_</c>; nothing that says where somebody goes.</param>
    /// <param name="before">Times that were not counted, where this is the first that is.</param>
    public void Count(HttpContext context, string place, int before = 0)
    {
        var trips = Read(context.Request);
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var at = trips.FindIndex(trip => trip.Place == place);
        if (at >= 0)
            trips[at] = new(place, Math.Min(trips[at].Count + 1, Most), slides ? now : trips[at].Since);
        else if (trips.Count < MostPlaces)
            trips.Add(new(place, before + 1, now));
        Write(context.Response, trips);
    }

    // What a browser sends is whatever somebody put there: what is not ours counts as nothing.
    private List<Trip> Read(HttpRequest request)
    {
        var trips = new List<Trip>();
        if (!request.Cookies.TryGetValue(name, out var value) || value.Length > LongestValue)
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

    // Max-Age: the browser's clock may be wrong.
    private void Write(HttpResponse response, List<Trip> trips) => response.Cookies.Append(
        name,
        string.Join('~', trips.Select(trip => string.Create(CultureInfo.InvariantCulture, $"{trip.Place}.{trip.Count}.{trip.Since}"))),
        Attributes(site, TimeSpan.FromSeconds(trips.Count == 0 ? 0 : Window)));

    public static CookieOptions Attributes(Site site, TimeSpan life) => new()
    {
        HttpOnly = true,
        Secure = site.IsHttps,
        SameSite = SameSiteMode.Lax,
        Path = site.AuthPath,
        MaxAge = life,
    };

    private readonly record struct Trip(string Place, int Count, long Since);
}
