using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using OrgGateway.Answers;
using OrgGateway.Oidc;
using OrgGateway.Orgs;

namespace OrgGateway.SignIn;

/// <summary>Begins a login: a transaction, a cookie that ties it to the browser, and the way to the provider.</summary>
public sealed class LoginEndpoint(IdentityProviders providers, CurrentCatalog catalog, LoginTransactions transactions, SignInAnswers answers, ILogger<LoginEndpoint> logger)
{
    private static readonly string[] Prompts = ["login", "select_account", "consent", "create"];

    public async Task InvokeAsync(HttpContext context)
    {
        // A script's fetch or a socket cannot sign anybody in; for each of them to begin a login fills the browser with cookies
        // and the store with transactions (O18, T57).
        if (IsScript(context))
        {
            await answers.ProblemAsync(context, Problem.Unauthenticated);
            return;
        }
        var query = context.Request.Query;
        var next = LocalUrl.Or(query["next"]);
        var provider = ProviderOf(query["org"].ToString());
        if (await provider.GetMetadataAsync(context.RequestAborted) is not { } metadata)
        {
            logger.ProviderUnavailable(provider.Name);
            await answers.NotNowAsync(context, "Sign-in is not possible right now", "The identity provider does not answer. Nothing is lost; whoever is signed in stays so.", next);
            return;
        }
        var (nonce, verifier) = (LoginTransactions.Random(), LoginTransactions.Random());
        if (await transactions.BeginAsync(context.Response, provider, nonce, verifier, next, context.RequestAborted) is not { } state)
        {
            await answers.NotNowAsync(context, "Sign-in is not possible right now", "The gateway's session store does not answer. Nothing is lost.", next);
            return;
        }
        await SignInAnswers.RedirectAsync(context, AuthorizationUrl(metadata, provider, state, nonce, verifier, query));
    }

    // The parameters are ours; of the caller's, only those that cannot change what is asked for (O17, T51).
    private static string AuthorizationUrl(ProviderMetadata metadata, IdentityProvider provider, string state, string nonce, string verifier, IQueryCollection query)
    {
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        var parameters = new List<KeyValuePair<string, string?>>
        {
            new("response_type", "code"),
            new("client_id", provider.ClientId),
            new("redirect_uri", provider.RedirectUri),
            new("scope", string.Join(' ', provider.Options.EffectiveScopes())),
            new("state", state),
            new("nonce", nonce),
            new("code_challenge", challenge),
            new("code_challenge_method", "S256"),
        };
        var hint = query["email"].ToString() is { Length: > 0 } email ? email : query["login_hint"].ToString();
        if (hint.Length is > 0 and <= 254)
            parameters.Add(new("login_hint", hint));
        if (query["prompt"].ToString() is { Length: > 0 } prompt && Prompts.Contains(prompt, StringComparer.Ordinal))
            parameters.Add(new("prompt", prompt));
        var endpoint = metadata.AuthorizationEndpoint.AbsoluteUri;
        var queried = QueryString.Create(parameters).ToUriComponent();
        return endpoint.Contains('?', StringComparison.Ordinal) ? endpoint + "&" + queried[1..] : endpoint + queried;
    }

    private IdentityProvider ProviderOf(string org) =>
        (org.Length > 0 && catalog.Value.Find(org)?.IdentityProvider is { } name ? providers.Find(name) : null) ?? providers.Default;

    private static bool IsScript(HttpContext context)
    {
        var mode = context.Request.Headers["Sec-Fetch-Mode"].ToString();
        return (mode.Length > 0 && mode != "navigate") || RequestKinds.IsWebSocket(context);
    }
}
