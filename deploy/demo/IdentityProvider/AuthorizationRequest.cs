using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace OrgGateway.Demo.IdentityProvider;

/// <summary>An authorization request that passed every check that needs no user.</summary>
internal sealed record AuthorizationRequest(DemoClient Client, string RedirectUri, string CodeChallenge, IReadOnlyList<string> Scopes)
{
    private static readonly string[] KnownScopes = ["openid", "profile", "email", "offline_access"];
    private static readonly string[] KnownPrompts = ["none", "login", "consent", "select_account"];

    public string? State { get; private init; }

    public string? Nonce { get; private init; }

    public string? LoginHint { get; private init; }

    /// <summary>The organization asked for, by <c>organization</c> or a scope <c>organization:...</c>.</summary>
    public string? OrgId { get; private init; }

    public TimeSpan? MaxAge { get; private init; }

    public bool PromptNone { get; private init; }

    /// <summary>The person must sign in even though the provider remembers them.</summary>
    public bool PromptLogin { get; private init; }

    public static AuthorizationAnswer Parse(Func<string, StringValues> parameter, Registrations registrations)
    {
        // Without a known client and one of its redirect URIs nobody may be redirected: that would be an open redirector.
        if (parameter("client_id") is not [var clientId] || registrations.Client(clientId) is not { } client)
            return new AuthorizationAnswer.Page("The app that sent you here is not registered.");
        if (parameter("redirect_uri") is not [{ } redirectUri] || !client.RedirectUris.Contains(redirectUri, StringComparer.Ordinal))
            return new AuthorizationAnswer.Page("The app asked to come back to an address that is not registered for it.");

        var state = parameter("state") is [var sent] ? sent : null;
        AuthorizationAnswer.Redirect Refuse(string error, string description) => new(redirectUri, state, error, description);

        string[] single = ["response_type", "scope", "state", "nonce", "code_challenge", "code_challenge_method", "prompt", "max_age",
            "login_hint", "response_mode"];
        if (Array.Find(single, name => parameter(name).Count > 1) is { } repeated)
            return Refuse("invalid_request", $"{repeated} is given more than once");
        if (parameter("request").Count > 0)
            return Refuse("request_not_supported", "request objects are not supported");
        if (parameter("request_uri").Count > 0)
            return Refuse("request_uri_not_supported", "request objects are not supported");
        if (parameter("response_type") != "code")
            return Refuse("unsupported_response_type", "response_type must be code");
        if (parameter("response_mode") is [{ } mode] && mode != "query")
            return Refuse("invalid_request", "response_mode must be query");
        if (!client.MayUse(DemoClient.AuthorizationCode))
            return Refuse("unauthorized_client", "the client may not use the authorization code grant");
        var asked = Words(parameter("scope"));
        if (!asked.Contains("openid"))
            return Refuse("invalid_scope", "scope must contain openid");
        // A missing method means "plain" (RFC 7636 §4.3), which proves nothing to whoever reads the request.
        if (parameter("code_challenge") is not [{ Length: 43 } challenge] || parameter("code_challenge_method") != "S256")
            return Refuse("invalid_request", "PKCE with S256 is required");
        var prompts = Words(parameter("prompt"));
        if (prompts.Except(KnownPrompts).Any() || (prompts.Contains("none") && prompts.Length > 1))
            return Refuse("invalid_request", "prompt has an unknown value, or none beside another");
        if (!TryReadMaxAge(parameter("max_age"), out var maxAge))
            return Refuse("invalid_request", "max_age must be a number of seconds");

        return new AuthorizationAnswer.Go(new AuthorizationRequest(client, redirectUri, challenge, [.. KnownScopes.Intersect(asked)])
        {
            State = state,
            Nonce = parameter("nonce"),
            LoginHint = parameter("login_hint"),
            OrgId = ScopedOrganization.Of(asked) ?? parameter("organization"),
            MaxAge = maxAge,
            PromptNone = prompts.Contains("none"),
            PromptLogin = prompts.Contains("login") || prompts.Contains("select_account"),
        });
    }

    private static string[] Words(StringValues value) => value.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static bool TryReadMaxAge(StringValues value, out TimeSpan? maxAge)
    {
        maxAge = null;
        if (value.Count == 0)
            return true;
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return false;
        maxAge = TimeSpan.FromSeconds(seconds);
        return true;
    }
}

/// <summary>How the provider goes on after reading an authorization request.</summary>
internal abstract record AuthorizationAnswer
{
    private AuthorizationAnswer()
    {
    }

    internal sealed record Go(AuthorizationRequest Request) : AuthorizationAnswer;

    internal sealed record Redirect(string RedirectUri, string? State, string Error, string Description) : AuthorizationAnswer;

    internal sealed record Page(string Message) : AuthorizationAnswer;
}
