using System.Net;

namespace OrgGateway.Bench.Load;

/// <summary>Proves before anything is measured that a request is answered by the upstream, and what the upstream is told; not a redirect or a refusal.</summary>
public static class Proof
{
    public static readonly string[] Identity = ["X-Auth-User-Id: alice", "X-Auth-Org-Slug: acme", "X-Auth-Roles: admin", "Authorization: Bearer ey"];

    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });

    /// <param name="required">How header lines start that the upstream must receive.</param>
    public static async Task OfAsync(Target target, string cookie, params string[] required)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(target.Url, (target.Path ?? GatewayConfiguration.Path) + "?headers"));
        if (target.Load is H2Load)
            (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        var credential = (target.Header ?? "Cookie: " + cookie).Split(": ", 2);
        request.Headers.TryAddWithoutValidation(credential[0], credential[1]);
        using var answer = await Http.SendAsync(request);
        var headers = (await answer.Content.ReadAsStringAsync()).Split('\n');
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{target.Name}: {(int)answer.StatusCode} {string.Join(' ', headers)}");
        foreach (var header in required)
            if (!headers.Any(line => line.StartsWith(header, StringComparison.OrdinalIgnoreCase)))
                throw new InvalidOperationException($"{target.Name}: the upstream did not receive {header}: {string.Join(", ", headers.Select(line => line.Split(':')[0]))}");
    }
}
