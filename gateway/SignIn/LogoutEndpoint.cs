using System.Text.Json;
using OrgGateway.Answers;
using OrgGateway.Audit;
using OrgGateway.Configuration;
using OrgGateway.Oidc;
using OrgGateway.Sessions;

namespace OrgGateway.SignIn;

/// <summary>Signs out: the session on every replica first, then the provider's (RP-Initiated Logout §2).</summary>
public sealed class LogoutEndpoint(
    SessionStore sessions, SessionCookie cookie, IdentityProviders providers, TokenRevocation revocation, FurtherLogout further, Site site, RoundTrips trips, SignInAnswers answers,
    AuditTrail audit, ILogger<LogoutEndpoint> logger)
{
    // Servers end a request line at 8 KiB; without the hint the provider asks, and the client_id tells it whom to trust.
    private const int LongestHint = 6 * 1024;

    private const int RetryAfter = 5;

    public async Task InvokeAsync(HttpContext context)
    {
        SignInAnswers.Private(context.Response);
        if (IsForeign(context.Request))
        {
            await RefuseAsync(context);
            return;
        }
        var session = default(Session);
        if (cookie.TryRead(context.Request, out var id))
        {
            var found = await sessions.FindAsync(id, context.RequestAborted);
            session = found.Session;
            trips.Forget(id);
            var latest = session is null ? default : await sessions.ReadAsync(id, context.RequestAborted);
            // Nobody is told "signed out" while a session lives on: the cookie stays for another try.
            if (found.Status == SessionStatus.Unavailable || !await sessions.EndAsync(id, SessionEnd.Logout, CancellationToken.None))
            {
                await answers.ProblemAsync(context, Problem.StoreUnavailable(RetryAfter));
                return;
            }
            if (session is not null)
                Revoke(latest.Value?.Value ?? session.Record);
        }
        if (session is not null)
            audit.Record(new AuditEvent(AuditNames.SignedOut) { Issuer = session.Record.Issuer, Subject = session.Record.Subject, Provider = session.Record.Provider }.From(context));
        if (cookie.IsPresent(context.Request))
            cookie.Delete(context.Response);
        await further.EndAllAsync(context);
        var url = await EndSessionUrlAsync(session, cookie.IsPresent(context.Request));
        if (RequestKinds.Of(context) == RequestKind.Page || IsFormPost(context.Request))
            await SignInAnswers.RedirectAsync(context, url);
        else
            await WriteUrlAsync(context, url);
    }

    // Any page can point an image or a form here (S45, T59). Browsers say where a request comes from.
    private bool IsForeign(HttpRequest request)
    {
        // Nor does a picture that somebody put into a page of this very site, or a browser that fetches links ahead, mean to sign out.
        if (HttpMethods.IsGet(request.Method) && (request.Headers["Sec-Fetch-Mode"] == "no-cors" || IsPrefetch(request)))
            return true;
        var fetchSite = request.Headers["Sec-Fetch-Site"].ToString();
        if (fetchSite.Length > 0 && fetchSite is not ("same-origin" or "none" or "same-site"))
            return true;
        if (request.Headers.Origin.ToString() is { Length: > 0 } origin)
            return !site.Origins.Contains(origin, StringComparer.Ordinal);
        return fetchSite.Length == 0 && request.Headers.Referer.ToString() is { Length: > 0 } referer
            && !(Uri.TryCreate(referer, UriKind.Absolute, out var from) && site.Origins.Contains(from.GetLeftPart(UriPartial.Authority), StringComparer.Ordinal));
    }

    private Task RefuseAsync(HttpContext context)
    {
        logger.ForeignLogout(context.TraceIdentifier);
        return HttpMethods.IsGet(context.Request.Method) && !IsPrefetch(context.Request) // a page fetched ahead would be shown in place of the sign-out
            ? answers.PageAsync(context, "Sign out?", new PageBody
            {
                Paragraphs = ["Another site sent you here. You are still signed in."],
                Button = new(site.AuthPath + SignInPaths.Logout, "Sign out"),
                Links = [new("/", "Stay signed in")],
            })
            : answers.ProblemAsync(context, new Problem(403, "origin_refused", "Sign-out must come from this site"));
    }

    private static bool IsPrefetch(HttpRequest request) => request.Headers["Sec-Purpose"].ToString().StartsWith("prefetch", StringComparison.OrdinalIgnoreCase);

    private void Revoke(SessionRecord record)
    {
        if (providers.Find(record.Provider) is { } provider)
            revocation.Begin(provider, record.RefreshToken, record.AccessToken);
    }

    // A cookie whose session the store has lost still tells of a sign-in at the provider: without a hint it asks the person (T133).
    private async Task<string> EndSessionUrlAsync(Session? session, bool hadCookie)
    {
        var here = site.AuthPath + SignInPaths.SignedOut;
        var provider = session is null ? providers.Default : providers.Find(session.Record.Provider);
        if (!hadCookie || provider is null || await provider.GetMetadataAsync(CancellationToken.None) is not { EndSessionEndpoint: { } endpoint })
            return here;
        var query = QueryString.Create(new KeyValuePair<string, string?>[]
        {
            new("id_token_hint", session?.Record.IdToken is { Length: <= LongestHint } hint ? hint : null),
            new("client_id", provider.ClientId),
            new("post_logout_redirect_uri", site.AuthUrl(SignInPaths.SignedOut)),
            new("state", LoginTransactions.Random()),
        }.Where(parameter => !string.IsNullOrEmpty(parameter.Value))).ToUriComponent();
        return endpoint.Query.Length > 0 ? endpoint.AbsoluteUri + "&" + query[1..] : endpoint.AbsoluteUri + query;
    }

    // Who wants a page and is no script follows a redirect, whatever it posts.
    private static bool IsFormPost(HttpRequest request) => HttpMethods.IsPost(request.Method) && !RequestKinds.IsScript(request)
        && (request.Headers["Sec-Fetch-Mode"] == "navigate" || request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase));

    private static Task WriteUrlAsync(HttpContext context, string url)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync($"{{\"logoutUrl\":{JsonEncodedString(url)}}}", context.RequestAborted);
    }

    private static string JsonEncodedString(string text) => "\"" + JsonEncodedText.Encode(text) + "\"";
}
