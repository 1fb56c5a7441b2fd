using OrgGateway.Answers;
using OrgGateway.Configuration;
using OrgGateway.Oidc;

namespace OrgGateway.SignIn;

/// <summary><c>GET /auth/sign-in</c>: people give their work e-mail address and are sent where their organization signs in. Plain forms, no script (S27).</summary>
public sealed class SignInPageEndpoint(IdentityProviders providers, Site site, SignInAnswers answers)
{
    private const int LongestEmail = 254;
    private const string WrongEmail = "Enter an e-mail address such as name@example.com.";

    public Task InvokeAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var next = LocalUrl.Or(query["next"]);
        var email = query["email"].ToString().Trim();
        var error = query["error"].ToString() is { Length: > 0 } code ? ErrorEndpoint.CauseOf(code) : null;
        if (email.Length > 0 && IsPlausible(email) && error is null)
            return SignInAnswers.RedirectAsync(context, answers.LoginUrl(next) + "&email=" + Uri.EscapeDataString(email));
        if (email.Length > 0 && !IsPlausible(email))
            (error, context.Response.StatusCode) = (WrongEmail, StatusCodes.Status400BadRequest);
        return answers.PageAsync(context, "Sign in", new PageBody
        {
            Form = new(
                site.AuthPath + SignInPaths.SignIn, new("email", "Work e-mail", "email", "username", email[..Math.Min(email.Length, LongestEmail)]), "Continue",
                [new("next", next)], error),
            Links = Others(next),
        });
    }

    private IReadOnlyList<PageLink> Others(string next) => providers.All.Count() == 1
        ? [new(answers.LoginUrl(next), "Sign in without an e-mail address")]
        : [.. providers.All.Select(provider => new PageLink(answers.LoginUrl(next) + "&connection=" + Uri.EscapeDataString(provider.Name), "Sign in with " + (provider.Options.DisplayName ?? provider.Name)))];

    // A person's slip is told at once; whether it is an address is for the provider to find out.
    private static bool IsPlausible(string email) =>
        email.Length <= LongestEmail && email.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < email.Length - 1
        && !email.Any(c => char.IsControl(c) || char.IsWhiteSpace(c));
}
