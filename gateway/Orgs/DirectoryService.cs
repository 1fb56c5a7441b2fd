using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace OrgGateway.Orgs;

/// <summary>The source <c>http</c>: a look-up service of the operator's. Bounded in time and size; what it cannot say is "not now", never "unknown".</summary>
public sealed class DirectoryService(OrganizationDirectoryOptions options, ILogger<DirectoryService> logger) : IDisposable
{
    private const int LargestAnswer = 16 * 1024;

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ActivityHeadersPropagator = null,
    })
    {
        Timeout = options.Timeout,
        MaxResponseContentBufferSize = LargestAnswer,
    };

    public async ValueTask<DirectoryAnswer> FindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, options.Url!.Replace("{org}", Uri.EscapeDataString(name), StringComparison.Ordinal));
            request.Headers.Accept.Add(new("application/json"));
            if (options.Token is { Length: > 0 } token)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await _http.SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NotFound)
                return DirectoryAnswer.Unknown;
            if (response.StatusCode == HttpStatusCode.OK && Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken)) is { } entry)
                return DirectoryAnswer.Found(entry);
            logger.DirectoryFailed($"status {(int)response.StatusCode}, or not the JSON of an organization");
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException && !cancellationToken.IsCancellationRequested)
        {
            logger.DirectoryFailed(exception.GetType().Name);
        }
        return DirectoryAnswer.Unavailable;
    }

    public void Dispose() => _http.Dispose();

    // An id or slug that could not stand in a URL is as good as no answer.
    private static DirectoryEntry? Parse(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, DirectoryJson.Default.DirectoryEntry) is { Id: not null } entry
                && OrgSegment.IsValid(entry.Id) && (entry.Slug is null || OrgSegment.IsValid(entry.Slug)) ? entry : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
