using System.Diagnostics;
using System.Net;
using System.Text.Json;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Chaos;

/// <summary>People and machines that ask through HAProxy, each at a pace of its own, and judge what they get.</summary>
internal sealed class FleetTraffic(Fleet fleet, FaultTable table) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = fleet.Origin, Timeout = TimeSpan.FromSeconds(30) };

    public void Dispose() => _http.Dispose();

    /// <summary>A browser: a page, a fetch, a write, in one tab per organization. Signed out, it signs in again.</summary>
    /// <param name="anew">After so many requests it begins with a sign-in again.</param>
    public async Task BrowseAsync(string email, string subject, string[] organizations, TimeSpan pace, CancellationToken end, int anew = int.MaxValue)
    {
        using var pacer = new PeriodicTimer(pace);
        string? session = null;
        for (var i = 0; await NextAsync(pacer, end); i++)
        {
            if (i % anew == anew - 1)
                session = null;
            if ((session ??= await SignInAsync(email)) is null)
                continue;
            var organization = organizations[i % organizations.Length];
            using var request = RequestOf(i, organization);
            request.Headers.TryAddWithoutValidation("Cookie", "orggw=" + session);
            var expected = FleetUpstream.Sign(organization, subject) + (request.Method == HttpMethod.Post ? $" {i}" : "");
            if (!await AskAsync(request, expected, $"{email} {request.Method} {organization}"))
                session = null;
        }
    }

    /// <summary>A program with an API key. Where the store has lost the key its operator makes another.</summary>
    public async Task CallWithKeyAsync(TimeSpan pace, CancellationToken end)
    {
        using var pacer = new PeriodicTimer(pace);
        (string Id, string Key)? key = null;
        while (await NextAsync(pacer, end))
        {
            if ((key ??= await fleet.NewApiKeyAsync()) is not { } made)
                continue;
            using var request = new HttpRequestMessage(HttpMethod.Get, "/keys/acme/work");
            request.Headers.Add("X-Api-Key", made.Key);
            if (!await AskAsync(request, FleetUpstream.Sign("acme", made.Id), "API key"))
                key = null;
        }
    }

    /// <summary>A program with a bearer token of a trusted issuer.</summary>
    public async Task CallWithTokenAsync(TimeSpan pace, CancellationToken end)
    {
        using var pacer = new PeriodicTimer(pace);
        var token = FleetConfiguration.MachineToken(TimeProvider.System.GetUtcNow());
        while (await NextAsync(pacer, end))
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/machines/acme/work") { Content = new StringContent("made") };
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
            await AskAsync(request, FleetUpstream.Sign("acme", FleetConfiguration.Machine) + " made", "bearer");
        }
    }

    /// <returns>The session cookie, or null when it did not come to that, which counts as a failed request.</returns>
    public async Task<string?> SignInAsync(string email)
    {
        var (begun, began) = (table.Now, Stopwatch.GetTimestamp());
        try
        {
            using var browser = new DemoBrowser(fleet.Origin);
            var visit = await browser.SignInAsync("/auth/login?next=/me", email, CancellationToken.None);
            var phase = table.Ended(begun);
            if (browser.Cookies.Value(fleet.Origin, "orggw") is { Length: > 0 } session && (visit.Status, visit.Url.AbsolutePath) == (200, "/me"))
            {
                phase.Answered(Stopwatch.GetElapsedTime(began));
                return session;
            }
            phase.Failed($"sign-in {visit.Status}", $"{email}: {string.Join(" > ", visit.Hops.Select(hop => $"{hop.Url.AbsolutePath} {hop.Status}"))}");
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            table.Ended(begun).Failed("sign-in unanswered", $"{email}: {exception.Message}");
        }
        return null;
    }

    internal static async Task<bool> NextAsync(PeriodicTimer pacer, CancellationToken end)
    {
        try
        {
            return await pacer.WaitForNextTickAsync(end);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private HttpRequestMessage RequestOf(int i, string organization)
    {
        var request = new HttpRequestMessage(i % 3 == 2 ? HttpMethod.Post : HttpMethod.Get, $"/orgs/{organization}/work");
        request.Headers.Add("Sec-Fetch-Site", i % 3 == 0 ? "none" : "same-origin");
        request.Headers.Add("Sec-Fetch-Mode", i % 3 == 0 ? "navigate" : "cors");
        request.Headers.Add("Accept", i % 3 == 0 ? "text/html" : "application/json");
        if (i % 3 == 2)
        {
            request.Headers.Add("Origin", fleet.Origin.GetLeftPart(UriPartial.Authority));
            request.Content = new StringContent($"{i}");
        }
        return request;
    }

    /// <returns>False when the credential is not taken any more.</returns>
    private async Task<bool> AskAsync(HttpRequestMessage request, string expected, string who)
    {
        var (begun, began) = (table.Now, Stopwatch.GetTimestamp());
        try
        {
            using var answer = await _http.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            var phase = table.Ended(begun);
            switch (answer.StatusCode)
            {
                case HttpStatusCode.OK when body == expected:
                    phase.Answered(Stopwatch.GetElapsedTime(began));
                    break;
                case HttpStatusCode.OK:
                    phase.Mistaken($"{who} got '{body}' in place of '{expected}'");
                    break;
                case HttpStatusCode.Forbidden:
                    phase.Mistaken($"{who} was refused: {body}");
                    break;
                case HttpStatusCode.Unauthorized or HttpStatusCode.Found:
                    phase.SignedOut($"{who}: {(int)answer.StatusCode} {answer.Headers.Location}{body}");
                    return false;
                default:
                    phase.Failed($"{(int)answer.StatusCode} {CodeOf(body)}", $"{who}: {(int)answer.StatusCode} after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");
                    break;
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            table.Ended(begun).Failed("unanswered", $"{who}: {exception.Message} {exception.InnerException?.Message}");
        }
        return true;
    }

    private static string CodeOf(string body)
    {
        if (!body.StartsWith('{'))
            return body.Contains("No server is available", StringComparison.Ordinal) || body.Contains("invalid or incomplete response", StringComparison.Ordinal) ? "of HAProxy" : "page";
        using var problem = JsonDocument.Parse(body);
        return problem.RootElement.TryGetProperty("code", out var code) ? code.GetString()! : "without a code";
    }
}
