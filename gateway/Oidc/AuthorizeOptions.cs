using System.Buffers;
using OrgGateway.Configuration;

namespace OrgGateway.Oidc;

/// <summary>How a login is steered: to an organization, an account, a connection. A preset fills what is not set; an empty text takes its value away.</summary>
public sealed class AuthorizeOptions
{
    private const string Id = "{id}";
    private const string Slug = "{slug}";
    private const string Domain = "{domain}";
    private const int LongestName = 64;
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    // What binds the answer to this gateway, this browser and this login: never set by anything that is configured or sent.
    private static readonly HashSet<string> Own = new(StringComparer.OrdinalIgnoreCase)
    {
        "response_type", "response_mode", "client_id", "client_secret", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
        "request", "request_uri", "registration", "id_token_hint", "claims", "dpop_jkt", "grant_type", "code", "code_verifier", "refresh_token",
        "client_assertion", "client_assertion_type",
    };

    /// <summary>Parameter that takes the organization, such as <c>organization</c> (Auth0). Default none.</summary>
    public string? Parameter { get; init; }

    /// <summary>What that parameter holds: <c>{id}</c> (default), <c>{slug}</c> or <c>{domain}</c>, the organization's first e-mail domain.</summary>
    public string Value { get; init; } = Id;

    /// <summary>Scope added for an organization, with <c>{slug}</c>, <c>{id}</c> or <c>{domain}</c> in it, such as <c>organization:{slug}</c> (Keycloak). It takes the place of the scopes with the same beginning. Default none.</summary>
    public string? Scope { get; init; }

    /// <summary>Parameter that takes the person's e-mail address. Default <c>login_hint</c>.</summary>
    public string LoginHint { get; init; } = "login_hint";

    /// <summary>Parameter that takes <c>connection</c> of the login request, such as <c>kc_idp_hint</c> (Keycloak). Default none: it is dropped.</summary>
    public string? Connection { get; init; }

    /// <summary>Connections that a login request may name. Default any name of letters, digits, '-', '_', '.' and ':', where <see cref="Connection"/> is set.</summary>
    public List<string>? AllowedConnections { get; init; }

    /// <summary>Parameter that takes <c>invitation</c> of the login request. Default none: it is dropped.</summary>
    public string? Invitation { get; init; }

    /// <summary>Parameters sent with every login as they are, such as <c>access_type: offline</c> (Google).</summary>
    public Dictionary<string, string> Parameters { get; init; } = [];

    /// <summary>Whether this may be a parameter of somebody else's choice: none of those the protocol's safety hangs on.</summary>
    public static bool IsParameterName(string name) => name.Length is > 0 and <= LongestName && !name.AsSpan().ContainsAnyExcept(NameCharacters) && !Own.Contains(name);

    public void Check(string path, Faults faults)
    {
        CheckName(path + ":Parameter", Parameter, faults);
        CheckName(path + ":LoginHint", LoginHint, faults);
        CheckName(path + ":Connection", Connection, faults);
        CheckName(path + ":Invitation", Invitation, faults);
        foreach (var name in Parameters.Keys)
            CheckName($"{path}:Parameters:{name}", name, faults);
        if (Value is not (Id or Slug or Domain))
            faults.Add(path + ":Value", $"'{Value}' is unknown; allowed are {Id}, {Slug}, {Domain}");
        if (!string.IsNullOrEmpty(Scope) && (Scope.Any(c => c is <= ' ' or > '~' or '"' or '\\') || !(Scope.Contains(Id, StringComparison.Ordinal) || Scope.Contains(Slug, StringComparison.Ordinal) || Scope.Contains(Domain, StringComparison.Ordinal))))
            faults.Add(path + ":Scope", $"one scope with {Id}, {Slug} or {Domain} in it, such as organization:{Slug}");
    }

    private static void CheckName(string setting, string? name, Faults faults)
    {
        if (!string.IsNullOrEmpty(name) && !IsParameterName(name))
            faults.Add(setting, $"the name of a parameter: 1 to {LongestName} letters, digits, '-', '_' and '.', none of the gateway's own");
    }
}
