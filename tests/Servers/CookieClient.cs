using System.Net;

namespace OrgGateway.Tests.Servers;

/// <summary>A program that holds a session cookie and shows it to any replica.</summary>
public sealed class CookieClient : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };

    public Task<HttpResponseMessage> GetAsync(Uri gateway, string path, string? session)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway, path));
        if (session is not null)
            request.Headers.Add("Cookie", "orggw=" + session);
        return _http.SendAsync(request);
    }

    public async Task<HttpStatusCode> StatusAsync(Uri gateway, string path, string? session)
    {
        using var answer = await GetAsync(gateway, path, session);
        return answer.StatusCode;
    }

    public void Dispose() => _http.Dispose();
}
