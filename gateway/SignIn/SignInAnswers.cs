using OrgGateway.Answers;
using OrgGateway.Audit;
using OrgGateway.Configuration;

namespace OrgGateway.SignIn;

/// <summary>Answers that several of the endpoints give: never cached, never leaking their own URL.</summary>
public sealed class SignInAnswers(PageLayout pages, ProblemAnswer problems, Site site, AuditTrail audit)
{
    public static void Private(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer"; // codes and states stand in these URLs (T119)
    }

    /// <summary>302: a form that was posted must not be posted on (RFC 9700 §4.12).</summary>
    public static Task RedirectAsync(HttpContext context, string location)
    {
        Private(context.Response);
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = location;
        return Task.CompletedTask;
    }

    /// <summary>Where every sign-in that fails ends; the audit trail hears of each here.</summary>
    public Task ToErrorAsync(HttpContext context, string error, string? description, string? next)
    {
        audit.Record(new(AuditNames.SignInFailed) { Reason = error, Address = context.Connection.RemoteIpAddress?.ToString(), RequestId = context.TraceIdentifier });
        return SilentLogin.Is(context) ? SilentLogin.AnswerAsync(context, signedIn: false) : ToPageAsync(context, error, description, next);
    }

    private Task ToPageAsync(HttpContext context, string error, string? description, string? next) => RedirectAsync(
        context,
        site.AuthPath + SignInPaths.Error + QueryString.Create(
            new KeyValuePair<string, string?>[] { new("error", error), new("error_description", description), new("next", next), new("reference", context.TraceIdentifier) }
                .Where(p => p.Value is not null)));

    /// <summary>Nothing can be done right now; says so, says when to come back, and keeps the way on.</summary>
    public Task NotNowAsync(HttpContext context, string title, string why, string next)
    {
        Private(context.Response);
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = "5";
        return pages.WriteAsync(context, title, new PageBody
        {
            Paragraphs = [why],
            Links = [new(LoginUrl(next), "Try again", IsMain: true)],
            Reference = context.TraceIdentifier,
        });
    }

    /// <summary>Somebody has signed in: on to where they wanted to go, or a word to the frame's parent.</summary>
    public static Task DoneAsync(HttpContext context, string next) => SilentLogin.Is(context) ? SilentLogin.AnswerAsync(context, signedIn: true) : RedirectAsync(context, next);

    public string LoginAtUrl(string issuer) => site.AuthPath + SignInPaths.Login + "?iss=" + Uri.EscapeDataString(issuer);

    public string LoginUrl(string next) => site.AuthPath + SignInPaths.Login + "?next=" + Uri.EscapeDataString(next);

    public Task PageAsync(HttpContext context, string title, PageBody body)
    {
        Private(context.Response);
        return pages.WriteAsync(context, title, body);
    }

    public Task ProblemAsync(HttpContext context, Problem problem) => problems.WriteAsync(context, problem);
}
