using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.Demo.IdentityProvider;

/// <summary>client_secret_basic, client_secret_post, or a public client by its id alone (RFC 6749 §2.3.1, §3.2.1).</summary>
internal static class ClientAuthentication
{
    public static ClientAuthenticationResult Authenticate(HttpContext context, IFormCollection form, Registrations registrations)
    {
        string? id = form["client_id"], secret = form["client_secret"];
        var basic = context.Request.Headers.Authorization.ToString();
        if (basic.Length > 0)
        {
            if (secret is not null)
                return new ClientAuthenticationResult.Malformed("the client authenticated in two ways");
            if (ReadBasic(basic) is not var (basicId, basicSecret) || (id is not null && id != basicId))
                return new ClientAuthenticationResult.Refused();
            (id, secret) = (basicId, basicSecret);
        }

        return registrations.Client(id) is { } client && IsSecret(client, secret)
            ? new ClientAuthenticationResult.Known(client)
            : new ClientAuthenticationResult.Refused();
    }

    private static bool IsSecret(DemoClient client, string? secret) =>
        client.Secret is null || secret is null
            ? client.Secret is null && secret is null
            : CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(client.Secret), Encoding.UTF8.GetBytes(secret));

    private static (string Id, string Secret)? ReadBasic(string header)
    {
        if (!header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return null;
        try
        {
            var pair = Encoding.UTF8.GetString(Convert.FromBase64String(header["Basic ".Length..].Trim()));
            // Both halves are form-encoded before they are joined: a secret may hold a colon, a plus or a percent sign.
            return pair.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon
                ? (FormDecode(pair[..colon]), FormDecode(pair[(colon + 1)..]))
                : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string FormDecode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}

/// <summary>Who called the token endpoint.</summary>
internal abstract record ClientAuthenticationResult
{
    private ClientAuthenticationResult()
    {
    }

    internal sealed record Known(DemoClient Client) : ClientAuthenticationResult;

    internal sealed record Refused : ClientAuthenticationResult;

    internal sealed record Malformed(string Description) : ClientAuthenticationResult;
}
