using System.Net.Http.Headers;
using System.Text.Json;
using OrgGateway.Oidc;
using OrgGateway.Orgs;

namespace OrgGateway.OrgTokens;

/// <summary>A token by any request that the configuration writes out, from a JSON answer.</summary>
public sealed class HttpSource(HttpClient backchannel, TimeProvider clock) : IOrganizationTokenSource
{
    public const string StandardTokenPointer = "/access_token";
    public const string StandardExpiryPointer = "/expires_in";
    private static readonly TimeSpan StandardTimeout = TimeSpan.FromSeconds(5);

    public OrganizationTokenSource Kind => OrganizationTokenSource.Http;

    public string IssuerOf(Organization organization) => new Uri(TokenTemplate.Url(organization)).Authority;

    public TimeSpan TimeoutOf(Organization organization) => organization.Token!.Timeout ?? StandardTimeout;

    public async Task<MintAnswer> MintAsync(Organization organization, OrganizationToken? last, CancellationToken cancellationToken)
    {
        var sent = clock.GetUtcNow();
        using var request = Request(organization);
        switch (await Backchannel.SendAsync(backchannel, request, TimeoutOf(organization), clock, cancellationToken))
        {
            case BackchannelAnswer.Failed failed:
                return new MintAnswer.Unavailable("issuer_unavailable") { Unreached = failed.Unreached };
            case BackchannelAnswer.Received received:
                return Read(received, organization.Token!, sent);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static HttpRequestMessage Request(Organization organization)
    {
        var source = organization.Token!;
        var request = new HttpRequestMessage(new(source.Method ?? "POST"), TokenTemplate.Url(organization));
        request.Headers.Accept.Add(new("application/json"));
        var mediaType = TokenTemplate.MediaType(source);
        if (source.Body is not null)
        {
            request.Content = new ByteArrayContent(TokenTemplate.Body(organization, mediaType));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        }
        foreach (var (name, template) in source.Headers)
            if (!name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
                request.Headers.TryAddWithoutValidation(name, TokenTemplate.Header(organization, template));
        return request;
    }

    private static MintAnswer Read(BackchannelAnswer.Received received, OrganizationTokenOptions source, DateTimeOffset sent)
    {
        var status = (int)received.Status;
        if (status is 400 or 401 or 403)
            return new MintAnswer.Refused($"status_{status}");
        if (status is < 200 or > 299 || !received.TryReadObject(out var body))
            return new MintAnswer.Unavailable("issuer_unavailable") { RetryAfter = received.RetryAfter };
        if (ClaimPath.Find(body, source.TokenPointer ?? StandardTokenPointer) is not { ValueKind: JsonValueKind.String } found
            || found.GetString() is not { } token || !IssuedToken.CanBeSent(token))
            return new MintAnswer.Unavailable("no_token");
        var expires = IssuedToken.ExpiryOf(ClaimPath.Find(body, source.ExpiryPointer ?? StandardExpiryPointer), sent) ?? IssuedToken.ExpiryOf(token);
        return IssuedToken.Of(token, sent, expires) is { } issued ? new MintAnswer.Minted(issued) : new MintAnswer.Unavailable("expired_token");
    }
}
