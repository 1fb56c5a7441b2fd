using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.Jose;
using OrgGateway.Oidc;
using OrgGateway.Orgs;
using OrgGateway.Sessions;

namespace OrgGateway.SignIn;

/// <summary>Begins a login: a transaction, a cookie that ties it to the browser, and the way to the provider.</summary>
public sealed class LoginEndpoint(
    IdentityProviders providers, CurrentCatalog catalog, LoginTransactions transactions, AuthorizationRequests requests, SessionCookie cookie, SessionStore sessions, SignInAnswers answers,
    ILogger<LoginEndpoint> logger)
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
        var stepUp = StepUp.TryParse(query["max_age"], query["acr_values"]);
        var former = cookie.TryRead(context.Request, out var id) ? id.ToBytes() : null;
        // Asked for only where it changes something: a login that adds to a session, or that renews one.
        var main = former is not null && (stepUp is not null || query["org"].Count > 0) ? (await sessions.FindAsync(id, context.RequestAborted)).Session?.Record : null;
        var provider = ProviderOf(query["org"].ToString(), main);
        if (await provider.GetMetadataAsync(context.RequestAborted) is not { } metadata)
        {
            logger.ProviderUnavailable(provider.Name);
            await answers.NotNowAsync(context, "Sign-in is not possible right now", "The identity provider does not answer. Nothing is lost; whoever is signed in stays so.", next);
            return;
        }
        var nonce = LoginTransactions.Random();
        var transaction = new LoginTransaction
        {
            Provider = provider.Name,
            RedirectUri = provider.RedirectUri,
            NonceHash = SHA256.HashData(Encoding.ASCII.GetBytes(nonce)),
            Verifier = LoginTransactions.Random(),
            Next = next,
            MaxAge = (int?)stepUp?.MaxAge?.TotalSeconds,
            Acr = stepUp?.Acr,
            ProofKey = provider.Options.DPoP ? ProofKey.New().ToBytes() : null,
            Former = former,
            IsFurther = main is not null && main.Provider != provider.Name,
        };
        if (await transactions.BeginAsync(context.Response, provider, transaction, context.RequestAborted) is not { } state)
        {
            await answers.NotNowAsync(context, "Sign-in is not possible right now", "The gateway's session store does not answer. Nothing is lost.", next);
            return;
        }
        switch (await requests.UrlAsync(provider, metadata, Parameters(provider, transaction, state, nonce, query), context.RequestAborted))
        {
            case AuthorizationUrl.Ready(var url):
                await SignInAnswers.RedirectAsync(context, url);
                break;
            case AuthorizationUrl.Refused:
                await answers.ToErrorAsync(context, "invalid_request", null, next);
                break;
            default:
                logger.ProviderUnavailable(provider.Name);
                await answers.NotNowAsync(context, "Sign-in is not possible right now", "The identity provider does not answer. Nothing is lost; whoever is signed in stays so.", next);
                break;
        }
    }

    // The parameters are ours; of the caller's, only those that cannot change what is asked for (O17, T51).
    private static List<KeyValuePair<string, string>> Parameters(IdentityProvider provider, LoginTransaction transaction, string state, string nonce, IQueryCollection query)
    {
        var parameters = new List<KeyValuePair<string, string>>
        {
            new("response_type", "code"),
            new("client_id", provider.ClientId),
            new("redirect_uri", transaction.RedirectUri),
            new("scope", string.Join(' ', provider.Options.EffectiveScopes())),
            new("state", state),
            new("nonce", nonce),
            new("code_challenge", Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(transaction.Verifier)))),
            new("code_challenge_method", "S256"),
        };
        if (provider.Options.PostsBack)
            parameters.Add(new("response_mode", IdentityProviderOptions.FormPost));
        if (ProofKey.Of(transaction.ProofKey) is { } key)
            parameters.Add(new("dpop_jkt", key.Thumbprint()));
        if (transaction.MaxAge is { } maxAge)
            parameters.Add(new("max_age", maxAge.ToString(CultureInfo.InvariantCulture)));
        if (transaction.Acr is { } acr)
            parameters.Add(new("acr_values", acr));
        var hint = query["email"].ToString() is { Length: > 0 } email ? email : query["login_hint"].ToString();
        if (hint.Length is > 0 and <= 254)
            parameters.Add(new("login_hint", hint));
        if (query["prompt"].ToString() is { Length: > 0 } prompt && Prompts.Contains(prompt, StringComparer.Ordinal))
            parameters.Add(new("prompt", prompt));
        return parameters;
    }

    // Without an organization a stronger sign-in is asked of whoever vouched for the session.
    private IdentityProvider ProviderOf(string org, SessionRecord? main) =>
        providers.Find((org.Length > 0 ? catalog.Value.ProviderOf(org) : main?.Provider) ?? "") ?? providers.Default;

    private static bool IsScript(HttpContext context)
    {
        var mode = context.Request.Headers["Sec-Fetch-Mode"].ToString();
        return (mode.Length > 0 && mode != "navigate") || RequestKinds.IsWebSocket(context);
    }
}
