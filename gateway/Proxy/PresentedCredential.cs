using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.ApiKeys;
using OrgGateway.Sessions;

namespace OrgGateway.Proxy;

/// <summary>
/// The one credential of a request on a route that allows more than the session. Chosen once, from what is presented and
/// allowed; a second one is refused rather than ignored, so that nobody acts as another than they think (A8).
/// </summary>
public readonly record struct PresentedCredential(CredentialKinds Kind, string? Value, Problem? Problem)
{
    public const string KeyHeader = "X-Api-Key";

    public static PresentedCredential Of(HttpRequest request, RoutePolicy policy, SessionCookie cookie, ApiKeyFormat format)
    {
        var kinds = CredentialKinds.None;
        string? value = null;
        if (policy.Credentials.HasFlag(CredentialKinds.ApiKey) && request.Headers[KeyHeader] is { Count: > 0 } keys)
        {
            if (keys.Count > 1)
                return new(CredentialKinds.None, null, Problem.AmbiguousCredentials);
            (kinds, value) = (CredentialKinds.ApiKey, keys.ToString());
        }
        if (request.Headers.Authorization is { Count: > 0 } authorization && OfScheme(authorization.ToString(), policy, format) is { Kind: not CredentialKinds.None } of)
        {
            if (kinds != CredentialKinds.None)
                return new(CredentialKinds.None, null, Problem.AmbiguousCredentials);
            (kinds, value) = (of.Kind, of.Value);
        }
        if (!policy.Credentials.HasFlag(CredentialKinds.Session) || !cookie.IsPresent(request))
            return new(kinds, value, null);
        return kinds == CredentialKinds.None ? new(CredentialKinds.Session, null, null) : new(CredentialKinds.None, null, Problem.AmbiguousCredentials);
    }

    public override string ToString() => Kind.ToString();

    // A scheme that the route does not allow is no credential here, and does not go upstream either.
    private static (CredentialKinds Kind, string? Value) OfScheme(string authorization, RoutePolicy policy, ApiKeyFormat format)
    {
        var blank = authorization.IndexOf(' ', StringComparison.Ordinal);
        var (scheme, value) = blank < 0 ? (authorization, "") : (authorization[..blank], authorization[(blank + 1)..].Trim());
        if (scheme.Equals("ApiKey", StringComparison.OrdinalIgnoreCase) && policy.Credentials.HasFlag(CredentialKinds.ApiKey))
            return (CredentialKinds.ApiKey, value);
        if (!scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            return default;
        if (policy.Credentials.HasFlag(CredentialKinds.ApiKey) && format.Begins(value))
            return (CredentialKinds.ApiKey, value);
        return policy.Credentials.HasFlag(CredentialKinds.Bearer) ? (CredentialKinds.Bearer, value) : default;
    }
}
