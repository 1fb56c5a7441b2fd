using OrgGateway.Answers;
using OrgGateway.Audit;
using OrgGateway.Oidc;
using OrgGateway.Sessions;
using OrgGateway.Storage;
using OrgGateway.Webhooks;

namespace OrgGateway.SignIn;

/// <summary>Ends a login. The order is the defence: state before anything is believed, issuer before the code is sent anywhere.</summary>
public sealed class CallbackEndpoint(
    IdentityProviders providers, LoginTransactions transactions, SessionStore sessions, SessionCookie cookie, FurtherLogout further, SilentGrant silent, GrantBeside beside, CodeExchange exchange, RoundTrips trips, SignInAnswers answers, AuditTrail audit, UserEvents users,
    ILogger<CallbackEndpoint> logger)
{
    private const int LongestDescription = 200;

    // Only these go to the error page as they came; anything else a provider says is "auth_failed" (O29).
    private static readonly string[] KnownErrors =
        ["access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required", "temporarily_unavailable", "server_error", "invalid_request", "invalid_scope", "unauthorized_client"];

    private static readonly Problem TooLarge = new(
        502, "session_too_large", "You are signed in, but the session is too large", "The identity provider sent more about your organizations than can be kept. Ask whoever runs this site to request fewer claims.");

    private static readonly Problem NotAskedFor = new(
        400, "invalid_callback", "Not the answer that was asked for", "It was posted. For a provider that posts its answers, set ResponseMode to form_post.");

    public async Task InvokeAsync(HttpContext context, string? providerName)
    {
        SignInAnswers.Private(context.Response);
        var isPost = HttpMethods.IsPost(context.Request.Method);
        if (isPost && !MayPost(providerName))
        {
            // Before the state is looked at: the login can still end as it was asked to.
            await answers.ProblemAsync(context, NotAskedFor);
            return;
        }
        var read = isPost ? await CallbackParameters.ReadFormAsync(context.Request, context.RequestAborted) : CallbackParameters.Read(context.Request.Query);
        if (read is not { } parameters)
        {
            await answers.ProblemAsync(context, new Problem(400, "invalid_callback", "Not an authorization response", "It is no form or query, or a parameter stands twice or is too long (RFC 6749 §3.1)."));
            return;
        }
        if (parameters is { State: null, Code: null, Error: null })
        {
            await SignInAnswers.RedirectAsync(context, LocalUrl.Default);
            return;
        }
        var taken = parameters.State is null
            ? StoreRead<LoginTransaction>.Missing
            : await transactions.TakeAsync(context, parameters.State, context.RequestAborted);
        if (taken.Status == StoreStatus.Unavailable)
            await answers.NotNowAsync(context, "Sign-in is not possible right now", "The gateway's session store does not answer.", LocalUrl.Default);
        else if (taken.Value is { } transaction && providers.Find(transaction.Provider) is { } provider)
            await ContinueAsync(context, parameters, transaction, provider, providerName);
        else
            await WithoutStateAsync(context, parameters, providerName);
    }

    private async Task ContinueAsync(HttpContext context, CallbackParameters parameters, LoginTransaction transaction, IdentityProvider provider, string? providerName)
    {
        if (transaction.IsSilent)
            SilentLogin.Begin(context);
        // From here on the transaction is spent and the outcome is stored even if the browser goes away.
        var metadata = await provider.GetMetadataAsync(CancellationToken.None);
        if (metadata is null)
        {
            await answers.ToErrorAsync(context, "provider_unavailable", null, transaction.Next);
            return;
        }
        var refused = Refusal(parameters, transaction, provider, providerName, metadata) ?? WrongMode(context.Request.Method, parameters, provider);
        if (refused is { } refusal)
        {
            logger.CallbackRefused(provider.Name, refusal, context.TraceIdentifier);
            await answers.ToErrorAsync(context, "auth_failed", null, transaction.Next);
            return;
        }
        if (parameters.Error is { } error)
        {
            if (transaction.IsUnprompted && SilentGrant.IsForPerson(error, provider))
            {
                await silent.BeginVisiblyAsync(context, transaction, error);
                return;
            }
            if (transaction is { IsOptional: true, IsSilent: false } && error == "login_required")
            {
                await SignInAnswers.RedirectAsync(context, transaction.Next);
                return;
            }
            var known = KnownErrors.Contains(error, StringComparer.Ordinal) ? error : "auth_failed";
            logger.ProviderRefused(provider.Name, known, context.TraceIdentifier);
            await answers.ToErrorAsync(context, known, Capped(parameters.ErrorDescription), transaction.Next);
            return;
        }
        switch (await exchange.RunAsync(provider, transaction, parameters.Code!, CancellationToken.None))
        {
            case ExchangeResult.SignedIn(var record) when !sessions.Fits(record):
                logger.ExchangeFailed(provider.Name, "the session is too large to be kept", context.TraceIdentifier);
                await answers.ProblemAsync(context, TooLarge);
                break;
            case ExchangeResult.SignedIn(var record):
                await SignInAsync(context, record, transaction);
                break;
            case ExchangeResult.Failed(var reason, var cause):
                logger.ExchangeFailed(provider.Name, reason, context.TraceIdentifier);
                await answers.ToErrorAsync(context, cause, null, transaction.Next);
                break;
        }
    }

    // The mix-up defence: what answers must be who was asked, by redirect URI and by name, errors included (RFC 9207 §2.4, O24-O28).
    private static string? Refusal(CallbackParameters parameters, LoginTransaction transaction, IdentityProvider provider, string? providerName, ProviderMetadata metadata)
    {
        if (transaction.RedirectUri != provider.RedirectUri || (providerName is not null && providerName != provider.Name))
            return "another provider's callback";
        if (parameters.Iss is { } iss && iss != metadata.Issuer)
            return "iss of another issuer";
        if (parameters.Iss is null && metadata.AnnouncesIss)
            return "iss missing though announced";
        if (parameters.Iss is not null && !metadata.AnnouncesIss && !provider.Options.AllowUnannouncedIss)
            return "iss not announced";
        if (parameters.HasTokens)
            return "tokens in the front channel";
        return parameters is { Code: null, Error: null } ? "neither code nor error" : null;
    }

    // A code in a URL, though it was to be posted, has been seen by histories and logs; only an error may come that way.
    private static string? WrongMode(string method, CallbackParameters parameters, IdentityProvider provider) =>
        HttpMethods.IsPost(method) == provider.Options.PostsBack || (provider.Options.PostsBack && parameters.Code is null) ? null : "another response mode";

    private bool MayPost(string? providerName) =>
        providerName is null ? providers.All.Any(provider => provider.Options.PostsBack) : providers.Find(providerName) is { Options.PostsBack: true };

    private async Task SignInAsync(HttpContext context, SessionRecord record, LoginTransaction transaction)
    {
        var next = transaction.Next;
        if (transaction.IsFurther && await MainOfAsync(transaction) is { } main)
        {
            await AddAsync(context, record with { Under = transaction.Former, Ends = main.Record.Ends < record.Ends ? main.Record.Ends : record.Ends }, next);
            return;
        }
        if (await beside.KeepAsync(context, record, transaction))
            return;
        if (await sessions.CreateAsync(record, CancellationToken.None) is not { } created)
        {
            await answers.NotNowAsync(context, "Sign-in is not possible right now", "The gateway's session store does not answer.", next);
            return;
        }
        // A new id at every sign-in; what the browser held before is dead from now on (T49).
        if (cookie.TryRead(context.Request, out var former))
        {
            trips.Forget(former);
            await sessions.EndAsync(former, SessionEnd.SignedInAnew, CancellationToken.None);
        }
        if (transaction.Former is { } hash && SessionId.TryFromHash(hash, out var atStart) && atStart != former)
            await sessions.EndAsync(atStart, SessionEnd.SignedInAnew, CancellationToken.None);
        await further.EndAllAsync(context);
        cookie.Write(context.Response, created.Cookie, record.Ends);
        trips.Count(context, record, created.Session.Id, next);
        audit.Record(new(AuditNames.SignedIn) { Issuer = record.Issuer, Subject = record.Subject, Provider = record.Provider, Address = context.Connection.RemoteIpAddress?.ToString(), RequestId = context.TraceIdentifier });
        logger.SignedIn(record.Provider, context.TraceIdentifier);
        users.SignedIn(new(record.Issuer, record.Subject, record.Email, record.Name, record.Picture));
        await SignInAnswers.DoneAsync(context, next);
    }

    private async Task<Session?> MainOfAsync(LoginTransaction transaction) =>
        SessionId.TryFromHash(transaction.Former, out var id) ? (await sessions.FindAsync(id, CancellationToken.None)).Session : null;

    // The session stays what it is, sockets and other organizations included; what is new has an id of its own (O73).
    private async Task AddAsync(HttpContext context, SessionRecord record, string next)
    {
        if (await sessions.CreateAsync(record, CancellationToken.None) is not { } created)
        {
            await answers.NotNowAsync(context, "Sign-in is not possible right now", "The gateway's session store does not answer.", next);
            return;
        }
        if (cookie.TryReadFurther(context.Request, record.Provider, out var former))
            await sessions.EndAsync(former, SessionEnd.SignedInAnew, CancellationToken.None);
        cookie.WriteFurther(context.Response, record.Provider, created.Cookie, record.Ends);
        logger.SignedIn(record.Provider, context.TraceIdentifier);
        await SignInAnswers.DoneAsync(context, next);
    }

    // The code is never exchanged: it may be somebody else's (login CSRF). Who has a session goes on with it (T58); where the provider may
    // begin logins, one of our own begins there, once.
    private async Task WithoutStateAsync(HttpContext context, CallbackParameters parameters, string? providerName)
    {
        logger.StateRefused(context.TraceIdentifier);
        if (cookie.TryRead(context.Request, out var id) && (await sessions.FindAsync(id, context.RequestAborted)).Session is not null)
            await SignInAnswers.RedirectAsync(context, LocalUrl.Default);
        else if (parameters is { State: null, Code: not null } && (providerName is null ? providers.Default : providers.Find(providerName)) is { Options.IdpInitiatedLogin: true } provider
            && trips.MayRestart(context))
        {
            logger.UnsolicitedCallback(provider.Name, context.TraceIdentifier);
            await SignInAnswers.RedirectAsync(context, answers.LoginAtUrl(provider.Issuer));
        }
        else
            await answers.ToErrorAsync(context, "state", null, null);
    }

    private static string? Capped(string? description) => description is null ? null : description[..Math.Min(description.Length, LongestDescription)];
}
