namespace OrgGateway.Configuration;

/// <summary>Where browsers see the gateway. Redirect URIs and cookies come from here, never from a request's Host.</summary>
public sealed class Site
{
    public Site(Uri publicOrigin, IEnumerable<Uri> additionalOrigins, string authPath)
    {
        Origin = publicOrigin.GetLeftPart(UriPartial.Authority);
        Origins = [Origin, .. additionalOrigins.Select(o => o.GetLeftPart(UriPartial.Authority))];
        IsHttps = publicOrigin.Scheme == Uri.UriSchemeHttps;
        AuthPath = authPath;
    }

    /// <summary>Scheme, host and, unless it is the scheme's own, port: as browsers write <c>Origin</c> (RFC 6454 §6.1).</summary>
    public string Origin { get; }

    public IReadOnlyList<string> Origins { get; }
    public bool IsHttps { get; }

    /// <summary>Path below which the gateway's own endpoints stand; default <c>/auth</c>.</summary>
    public string AuthPath { get; }

    public string AuthUrl(string path) => Origin + AuthPath + path;
}
