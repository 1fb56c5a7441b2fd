using System.Net.Http.Headers;
using System.Text;

namespace OrgGateway.Oidc;

/// <summary>How a client proves itself at a provider's endpoints (Core §9): one method a request, never two (RFC 6749 §2.3).</summary>
internal sealed record ClientAuthentication(string Method, string ClientId, string? Secret)
{
    public const string Basic = "client_secret_basic";
    public const string Post = "client_secret_post";
    public const string PrivateKeyJwt = "private_key_jwt";
    public const string None = "none";
    private const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /// <summary>Needed by <see cref="PrivateKeyJwt"/>.</summary>
    public ClientAssertions? Assertions { get; init; }

    /// <returns>A POST of the form with the client's credentials in it.</returns>
    public HttpRequestMessage Request(Uri endpoint, params IEnumerable<KeyValuePair<string, string>> form)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
        request.Headers.Accept.Add(new("application/json"));
        switch (Method)
        {
            case Basic:
                request.Headers.Authorization = new AuthenticationHeaderValue("Basic", BasicCredentials());
                break;
            case Post:
                form = [.. form, new("client_id", ClientId), new("client_secret", Secret ?? "")];
                break;
            case PrivateKeyJwt when Assertions is not null:
                form = [.. form, new("client_id", ClientId), new("client_assertion_type", AssertionType), new("client_assertion", Assertions.New())];
                break;
            case None:
                form = [.. form, new("client_id", ClientId)];
                break;
            default:
                throw new InvalidOperationException($"Client authentication {Method} is not one that a checked configuration has.");
        }

        request.Content = new FormUrlEncodedContent(form);
        return request;
    }

    // Encoded before they are joined: an id with a colon, or a secret with a percent sign, would be read otherwise (RFC 6749 §2.3.1).
    private string BasicCredentials() => Convert.ToBase64String(Encoding.ASCII.GetBytes($"{FormEncode(ClientId)}:{FormEncode(Secret ?? "")}"));

    // RFC 6749, Appendix B.
    private static string FormEncode(string value) => Uri.EscapeDataString(value).Replace("%20", "+", StringComparison.Ordinal);

    public override string ToString() => $"{Method} {ClientId}";
}
