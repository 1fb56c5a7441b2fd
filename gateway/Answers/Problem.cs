namespace OrgGateway.Answers;

/// <summary>A refusal the caller can act on: RFC 9457 problem details with a stable code, and a sentence for people.</summary>
/// <param name="Code">Stable; the problem's <c>type</c> is <c>urn:orggateway:</c> and this.</param>
/// <param name="Detail">Says what is wrong and what is allowed; never a secret, a token or the upstream's own text.</param>
public sealed record Problem(int Status, string Code, string Title, string? Detail = null)
{
    /// <summary>What is lacking (a role or permission), for <c>missing_permission</c>.</summary>
    public string? Missing { get; init; }

    /// <summary>The code that clients of unkey know, where the caller is an API key.</summary>
    public string? KeyCode { get; init; }

    public int? RetryAfterSeconds { get; init; }

    /// <summary>Value of WWW-Authenticate; set on every 401 (RFC 9110 §15.5.2).</summary>
    public string? Challenge { get; init; }

    /// <summary>Value of Allow; set on every 405 (RFC 9110 §15.5.6).</summary>
    public string? Allow { get; init; }

    public bool RequiresUpgrade { get; init; }

    /// <summary>Query of the login that mends it: pages are sent there, programs are told as <c>login_url</c>.</summary>
    public string? Login { get; init; }

    public static readonly Problem Unauthenticated = new(401, "unauthenticated", "Sign-in required", "No session, or one that has ended.") { Challenge = "Bearer" };
    public static readonly Problem NotAMember = new(403, "not_a_member", "Not a member of this organization");
    public static readonly Problem OrgRequired = new(403, "org_required", "An organization is required", "This address belongs to an organization and none was given.");
    public static readonly Problem OrgMoved = new(404, "organization_moved", "This organization has another name now");
    public static readonly Problem NotFound = new(404, "not_found", "Not found");
    public static readonly Problem OriginRefused = new(403, "origin_refused", "Origin not allowed", "A WebSocket with a session cookie must come from one of the gateway's own origins.");
    public static readonly Problem UpgradeRequired = new(426, "upgrade_required", "WebSocket upgrade required") { RequiresUpgrade = true };

    /// <summary>The same for clients that make nothing of 426 (<c>Sockets:UpgradeRequiredStatus</c>).</summary>
    public static readonly Problem UpgradeRequiredAsBadRequest = UpgradeRequired with { Status = 400, RequiresUpgrade = false };

    public static readonly Problem UpgradeDenied = new(403, "websocket_denied", "WebSocket not allowed on this route");
    public static readonly Problem WebSocketMethod = new(405, "method_not_allowed", "Method not allowed") { Allow = "GET" };
    public static readonly Problem BadOrg = new(400, "invalid_org", "Not an organization's name", "Letters, digits, '-', '_' and '.', at most 128, neither encoded nor a dot alone.");
    public static readonly Problem BadTarget = new(400, "invalid_target", "The request target is ambiguous", "Encoded separators, backslashes and control characters are not allowed in a path, nor what other servers read as the path of another route.");
    public static readonly Problem MethodRefused = new(405, "method_not_allowed", "Method not allowed") { Allow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" };
    public static readonly Problem Internal = new(500, "internal_error", "The gateway failed");

    /// <summary>Two answers to "who calls?" and no rule could choose between them without one being ignored (A8).</summary>
    public static readonly Problem AmbiguousCredentials = new(400, "ambiguous_credentials", "More than one credential", "Send a session cookie, a bearer token or an API key: one of them.");

    public static readonly Problem RepeatedAuthorization = new(400, "invalid_request", "Authorization was sent more than once");

    /// <summary>A bearer token was presented and is refused (RFC 6750 §3.1).</summary>
    /// <param name="error"><c>invalid_request</c> or <c>invalid_token</c>.</param>
    public static Problem TokenRefused(string code, string error, string detail) =>
        new(401, code, "The token was not accepted", detail) { Challenge = $"Bearer error=\"{error}\", error_description=\"{detail}\"" };

    /// <summary>An API key was presented and is refused. The codes are those that clients of unkey know.</summary>
    public static Problem KeyRefused(string code, string detail) =>
        new(401, code, "The API key was not accepted", detail) { Challenge = $"Bearer error=\"invalid_token\", error_description=\"{detail}\"", KeyCode = code };

    public static Problem KeysUnavailable(int retryAfter) =>
        new(503, "issuer_unavailable", "The token's issuer cannot be asked for its keys", "Nothing is known of the token; try again shortly.") { RetryAfterSeconds = retryAfter };

    public static Problem OtherProvider(string organization) =>
        new(401, "org_reauth_required", "Sign in for this organization", "This organization has another identity provider than your session.")
        {
            Challenge = "Bearer",
            Login = "org=" + Uri.EscapeDataString(organization),
        };

    public static Problem MissingPermission(string kind, string name) =>
        new(403, "missing_permission", "Permission missing", $"This needs the {kind} {name} in this organization.") { Missing = name };

    public static readonly Problem UserRequired = new(403, "user_required", "A signed-in person is required", "This address is called with a token of the person who asks.");

    public static Problem OrgReauthRequired(string login) =>
        new(401, "org_reauth_required", "Sign-in for this organization required", "The identity provider wants a sign-in for this organization; the session goes on.")
        {
            Challenge = "Bearer",
            Login = login,
        };

    public static Problem StoreUnavailable(int retryAfter) =>
        new(503, "session_unavailable", "Sessions cannot be read right now", "Nothing is lost; try again shortly.") { RetryAfterSeconds = retryAfter };

    public static Problem ProviderUnavailable(int retryAfter) =>
        new(503, "provider_unavailable", "The identity provider does not answer", "The session is kept; try again shortly.") { RetryAfterSeconds = retryAfter };

    public static Problem DirectoryUnavailable(int retryAfter) =>
        new(503, "directory_unavailable", "Organizations cannot be looked up right now", "Nothing is lost; try again shortly.") { RetryAfterSeconds = retryAfter };

    public static Problem TokenUnavailable(int retryAfter) =>
        new(503, "token_unavailable", "No token for this organization can be had right now") { RetryAfterSeconds = retryAfter };
}
