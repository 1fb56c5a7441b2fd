using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using OrgGateway.Oidc;
using OrgGateway.Orgs;

namespace OrgGateway.OrgTokens;

/// <summary>
/// The mutation <c>obtainKrakenToken</c>. The API answers 200 for errors as well; what happened stands in <c>errors[].extensions.errorCode</c>
/// (never in <c>errorType</c>, which has AUTHORIZATION for a rate limit).
/// </summary>
public sealed class KrakenSource(HttpClient backchannel, TimeProvider clock, ILogger<KrakenSource> logger) : IOrganizationTokenSource
{
    private const string Mutation =
        "mutation ObtainKrakenToken($input: ObtainJSONWebTokenInput!) { obtainKrakenToken(input: $input) { token refreshToken refreshExpiresIn } }";

    private static readonly TimeSpan StandardTimeout = TimeSpan.FromSeconds(5);

    public OrganizationTokenSource Kind => OrganizationTokenSource.KrakenGraphQl;

    public string IssuerOf(Organization organization) => new Uri(organization.Token!.Endpoint!).Authority;

    public TimeSpan TimeoutOf(Organization organization) => organization.Token!.Timeout ?? StandardTimeout;

    public async Task<MintAnswer> MintAsync(Organization organization, OrganizationToken? last, CancellationToken cancellationToken)
    {
        var source = organization.Token!;
        if (source.UseRefreshToken != false && last is { RefreshToken: { } refreshToken } && last.RefreshTokenExpires > clock.GetUtcNow())
        {
            var renewed = await ObtainAsync(organization, "refreshToken", refreshToken, cancellationToken);
            if (renewed is MintAnswer.Minted(var token))
                // A refresh neither rotates the refresh token nor moves its end, whatever the answer repeats.
                return new MintAnswer.Minted(token.RefreshToken is { } rotated && rotated != refreshToken
                    ? token
                    : token with { RefreshToken = refreshToken, RefreshTokenExpires = last.RefreshTokenExpires });
            logger.RefreshTokenOfNoUse(organization.Slug, CodeOf(renewed));
        }
        return await ObtainAsync(organization, "organizationSecretKey", source.OrganizationSecretKey!, cancellationToken);
    }

    private async Task<MintAnswer> ObtainAsync(Organization organization, string field, string secret, CancellationToken cancellationToken)
    {
        var sent = clock.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, organization.Token!.Endpoint) { Content = new ByteArrayContent(BodyOf(field, secret)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Accept.Add(new("application/json"));
        return await Backchannel.SendAsync(backchannel, request, TimeoutOf(organization), clock, cancellationToken) switch
        {
            BackchannelAnswer.Received received => Read(received, sent),
            BackchannelAnswer.Failed failed => new MintAnswer.Unavailable("issuer_unavailable") { Unreached = failed.Unreached },
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static byte[] BodyOf(string field, string secret)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("query", Mutation);
            json.WriteStartObject("variables");
            json.WriteStartObject("input");
            json.WriteString(field, secret);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static MintAnswer Read(BackchannelAnswer.Received received, DateTimeOffset sent)
    {
        if (received.Status == HttpStatusCode.TooManyRequests || (int)received.Status >= 500 || !received.TryReadObject(out var body))
            return new MintAnswer.Unavailable("issuer_unavailable") { RetryAfter = received.RetryAfter };
        if (body.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object
            && data.TryGetProperty("obtainKrakenToken", out var obtained) && obtained.ValueKind == JsonValueKind.Object
            && Text(obtained, "token") is { } token && IssuedToken.CanBeSent(token))
        {
            return IssuedToken.Of(token, sent, IssuedToken.ExpiryOf(token)) is not { } issued
                ? new MintAnswer.Unavailable("expired_token")
                : new MintAnswer.Minted(issued with
                {
                    RefreshToken = Text(obtained, "refreshToken"),
                    RefreshTokenExpires = IssuedToken.ExpiryOf(obtained.TryGetProperty("refreshExpiresIn", out var end) ? end : null, sent),
                });
        }
        var code = ErrorCode(body);
        // 1138 and 1139 on the mint itself: the key is wrong, and asking again cannot help.
        return code is "KT-CT-1138" or "KT-CT-1139" ? new MintAnswer.Refused(code) : new MintAnswer.Unavailable(code ?? "no_token");
    }

    // The first code of the known grammar; anything else is the issuer's own text and goes nowhere.
    private static string? ErrorCode(JsonElement body)
    {
        if (!body.TryGetProperty("errors", out var errors) || errors.ValueKind != JsonValueKind.Array)
            return null;
        foreach (var error in errors.EnumerateArray())
            if (error.ValueKind == JsonValueKind.Object && error.TryGetProperty("extensions", out var extensions) && extensions.ValueKind == JsonValueKind.Object
                && Text(extensions, "errorCode") is { Length: <= 16 } code && code.StartsWith("KT-CT-", StringComparison.Ordinal) && code.AsSpan(6).IndexOfAnyExceptInRange('0', '9') < 0)
                return code;
        return "other";
    }

    private static string? Text(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static string CodeOf(MintAnswer answer) => answer switch
    {
        MintAnswer.Refused(var code) => code,
        MintAnswer.Unavailable(var code) => code,
        _ => "",
    };
}
