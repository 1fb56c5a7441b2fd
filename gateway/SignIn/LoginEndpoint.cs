using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.Configuration;
using OrgGateway.Jose;
using OrgGateway.Oidc;
using OrgGateway.Sessions;

namespace OrgGateway.SignIn;

/// <summary>Begins a login: a transaction, a cookie that ties it to the browser, and the way to the provider.</summary>
public sealed class LoginEndpoint(
    LoginTargets targets, IdpInitiatedLogin suggestions, RoundTrips trips, GrantTrips grantTrips, LoginTransactions transactions, AuthorizationRequests requests, SessionCookie cookie, SessionStore sessions,
    SilentGrant silent, SignInAnswers answers, Site site,
    ILogger<LoginEndpoint> logger)
{
    private const int LongestSuggestion = 8 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        // A script's fetch or a socket cannot sign anybody in; for each of them to begin a login fills the browser with cookies
        // and the store with transactions (O18, T57).
        if (IsScript(context))
        {
            await answers.ProblemAsync(context, Problem.Unauthenticated);
            return;
        }
        if (await ReadAsync(context) is not { } request)
            return;
        var isSilent = SilentLogin.IsAskedFor(context.Request, request);
        if (isSilent)
            SilentLogin.Begin(context);
        if (trips.IsCircle(context) || grantTrips.IsCircle(context, request))
        {
            logger.SignInCircle(context.TraceIdentifier);
            await answers.ToErrorAsync(context, "circle", null, request.Next);
            return;
        }
        var next = request.Next;
        var query = context.Request.Query;
        var stepUp = StepUp.TryParse(query["max_age"], query["acr_values"]);
        var former = cookie.TryRead(context.Request, out var id) ? id.ToBytes() : null;
        // Asked for only where it changes something: a login that adds to a session, or that renews one.
        var session = former is not null && (stepUp is not null || request.Org is not null) ? (await sessions.FindAsync(id, context.RequestAborted)).Session : null;
        var main = session?.Record;
        if (targets.Of(request, context.Request.Host.Host, request.Org is null ? main?.Provider : null) is not { } target)
        {
            await answers.ToErrorAsync(context, "unknown_issuer", null, null);
            return;
        }
        var provider = target.Provider;
        if (await provider.GetMetadataAsync(context.RequestAborted) is not { } metadata || !await provider.IsThereAsync(context.RequestAborted))
        {
            logger.ProviderUnavailable(provider.Name);
            await answers.NotNowAsync(context, "Sign-in is not possible right now", "The identity provider does not answer. Nothing is lost; whoever is signed in stays so.", next);
            return;
        }
        var isUnprompted = SilentGrant.IsPossible(request, stepUp, provider, session);
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
            IsSilent = isSilent,
            IsOptional = SilentLogin.IsOptional(context.Request, request),
            IsUnprompted = isUnprompted,
            Org = request.Org,
            IsFurther = main is not null && main.Provider != provider.Name,
        };
        if (await transactions.BeginAsync(context, provider, transaction, context.RequestAborted) is not { } state)
        {
            await answers.NotNowAsync(context, "Sign-in is not possible right now", "The gateway's session store does not answer. Nothing is lost.", next);
            return;
        }
        switch (await requests.UrlAsync(provider, metadata, Parameters(target, transaction, state, nonce, isUnprompted ? request with { Prompt = LoginRequest.None } : request), context.RequestAborted))
        {
            case AuthorizationUrl.Ready(var url):
                await SignInAnswers.RedirectAsync(context, url);
                break;
            case AuthorizationUrl.Refused when isUnprompted:
                await silent.BeginVisiblyAsync(context, transaction, "the pushed request was refused");
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
    private static List<KeyValuePair<string, string>> Parameters(LoginTarget target, LoginTransaction transaction, string state, string nonce, LoginRequest request)
    {
        var provider = target.Provider;
        var parameters = new List<KeyValuePair<string, string>>
        {
            new("response_type", "code"),
            new("client_id", provider.ClientId),
            new("redirect_uri", transaction.RedirectUri),
            new("scope", string.Join(' ', LoginSteering.Scopes(target))),
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
        parameters.AddRange(LoginSteering.Parameters(target, request));
        return parameters;
    }

    /// <returns>Null after the answer was given.</returns>
    private async Task<LoginRequest?> ReadAsync(HttpContext context)
    {
        if (HttpMethods.IsPost(context.Request.Method))
        {
            // The one login that may be posted is a third party's (Core §4); it changes nothing but who is asked.
            var form = await CallbackParameters.ReadFieldsAsync(context.Request, context.RequestAborted);
            if (form is not null && form.ContainsKey("iss"))
                return LoginRequest.Read(name => form.GetValueOrDefault(name), site.Origin);
            await answers.ProblemAsync(context, Problem.Unauthenticated);
            return null;
        }
        var query = context.Request.Query;
        if (!query.ContainsKey(IdpInitiatedLogin.Parameter))
            return LoginRequest.Read(name => query[name], site.Origin);
        if (query[IdpInitiatedLogin.Parameter] is [{ Length: > 0 and <= LongestSuggestion } token] && await suggestions.ReadAsync(token, site.Origin, context.RequestAborted) is { } suggested)
            return suggested;
        logger.SuggestionRefused(context.TraceIdentifier);
        await answers.ToErrorAsync(context, "invalid_suggestion", null, null);
        return null;
    }

    private static bool IsScript(HttpContext context) => RequestKinds.IsScript(context.Request) || RequestKinds.IsWebSocket(context);
}
