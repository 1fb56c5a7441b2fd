using OrgGateway.Oidc;

namespace OrgGateway.SignIn;

/// <summary>A provider's own way of being told whom a login concerns: scopes and parameters beside those of the protocol.</summary>
internal static class LoginSteering
{
    private const string Locales = "ui_locales";

    /// <summary>The configured scopes, and for an organization its own in place of those of the same kind: Keycloak takes one only.</summary>
    public static IEnumerable<string> Scopes(LoginTarget target)
    {
        var options = target.Provider.Options;
        var scopes = options.EffectiveScopes();
        if (target.Fill(options.Authorize.Scope) is not { } scope || scope.Any(c => c is <= ' ' or > '~' or '"' or '\\'))
            return scopes;
        var kind = options.Authorize.Scope![..options.Authorize.Scope!.IndexOf('{', StringComparison.Ordinal)];
        return scopes.Where(one => kind.Length == 0 || (!one.StartsWith(kind, StringComparison.Ordinal) && one != kind.TrimEnd(':'))).Append(scope);
    }

    public static IEnumerable<KeyValuePair<string, string>> Parameters(LoginTarget target, LoginRequest request)
    {
        var options = target.Provider.Options.Authorize;
        var parameters = new Dictionary<string, string>(options.Parameters, StringComparer.Ordinal);
        Put(options.Parameter, target.Fill(options.Value));
        Put(options.LoginHint, request.LoginHint);
        Put(options.Connection, Allowed(options, target.Connection));
        Put(options.Invitation, request.Invitation);
        Put("prompt", request.Prompt);
        Put(Locales, request.Locales);
        return parameters;

        void Put(string? name, string? value)
        {
            if (!string.IsNullOrEmpty(name) && !string.IsNullOrEmpty(value))
                parameters[name] = value;
        }
    }

    private static string? Allowed(AuthorizeOptions options, string? connection) =>
        connection is not null && (options.AllowedConnections is not { Count: > 0 } allowed || allowed.Contains(connection, StringComparer.Ordinal)) ? connection : null;
}
