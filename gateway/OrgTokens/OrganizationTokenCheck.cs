using System.Net.Http.Headers;
using OrgGateway.Configuration;
using OrgGateway.Oidc;
using OrgGateway.Orgs;

namespace OrgGateway.OrgTokens;

/// <summary>Judges one token source.</summary>
internal sealed class OrganizationTokenCheck(string setting, OrganizationTokenOptions source, bool development, Faults faults)
{
    private static readonly string[] Methods = ["GET", "POST", "PUT"];

    /// <summary>What stands there is well formed.</summary>
    public void CheckShape()
    {
        CheckUrl("TokenEndpoint", source.TokenEndpoint);
        CheckUrl("Endpoint", source.Endpoint);
        if (source.Timeout is { } timeout)
            faults.Range(setting + ":Timeout", timeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        if (source.Method is { } method && !Methods.Contains(method, StringComparer.Ordinal))
            faults.Add(setting + ":Method", $"'{method}' is not available; allowed are {string.Join(", ", Methods)}");
        if (source.TokenPointer is { } token)
            ClaimPath.Check(setting + ":TokenPointer", token, faults);
        if (source.ExpiryPointer is { } expiry)
            ClaimPath.Check(setting + ":ExpiryPointer", expiry, faults);
        foreach (var (name, value) in source.Headers)
            if (!IsHeaderName(name) || value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
                faults.Add($"{setting}:Headers:{name}", "not a header's name and value of visible ASCII");
        if (!MediaTypeHeaderValue.TryParse(TokenTemplate.MediaType(source), out _))
            faults.Add(setting + ":Headers:Content-Type", "not a media type such as application/json");
        foreach (var (name, value) in new[] { ("Secret", source.Secret), ("ClientId", source.ClientId), ("Scope", source.Scope) })
            if (source.EffectiveSource == OrganizationTokenSource.Http && value is not null && value.AsSpan().ContainsAnyExceptInRange(' ', '~') && source.Headers.Count > 0)
                faults.Add($"{setting}:{name}", "visible ASCII alone can be put into a header");
        CheckTemplateUrl();
    }

    /// <summary>Nothing that the source needs is missing.</summary>
    public void CheckComplete()
    {
        switch (source.EffectiveSource)
        {
            case OrganizationTokenSource.ClientCredentials:
                faults.Require(setting + ":ClientId", source.ClientId, "the client that stands for this organization");
                faults.Require(setting + ":ClientSecret", source.ClientSecret, "the client's secret");
                break;
            case OrganizationTokenSource.KrakenGraphQl:
                faults.Require(setting + ":Endpoint", source.Endpoint, "URL of the GraphQL API (or set KRAKEN_GRAPHQL_ENDPOINT)");
                faults.Require(setting + ":OrganizationSecretKey", source.OrganizationSecretKey, "the organization's secret key (or set KRAKEN_ORGANIZATION_KEY)");
                break;
            case OrganizationTokenSource.Http:
                faults.Require(setting + ":Url", source.Url, "where the token is had");
                if (source.Secret is null && Uses("{secret}"))
                    faults.Add(setting + ":Secret", "missing; a template asks for {secret}");
                break;
        }
    }

    private bool Uses(string name) => source.Url?.Contains(name, StringComparison.Ordinal) == true || source.Body?.Contains(name, StringComparison.Ordinal) == true
        || source.Headers.Values.Any(v => v.Contains(name, StringComparison.Ordinal));

    // Where the request goes is never up to an organization's name.
    private void CheckTemplateUrl()
    {
        if (source.Url is not { Length: > 0 } url)
            return;
        var path = url.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? url.IndexOfAny(['/', '?', '#'], scheme + 3) : -1;
        var origin = path < 0 ? url : url[..path];
        if (origin.Contains('{', StringComparison.Ordinal))
            faults.Add(setting + ":Url", "names of organizations may stand behind the host only");
        else
            CheckUrl("Url", url);
    }

    private void CheckUrl(string name, string? text)
    {
        if (text is { Length: > 0 } && !(Uri.TryCreate(text, UriKind.Absolute, out var url) && url.UserInfo.Length == 0 && (url.Scheme == "https" || (url.Scheme == "http" && (url.IsLoopback || development)))))
            faults.Add($"{setting}:{name}", "not an https URL (http only on loopback or in Development)");
    }

    private static bool IsHeaderName(string name) => name.Length is > 0 and <= 128 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
