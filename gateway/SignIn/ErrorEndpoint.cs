using OrgGateway.Answers;
using OrgGateway.Configuration;

namespace OrgGateway.SignIn;

/// <summary>Where every failed sign-in ends: what happened in plain words, a reference for support, and a way on (S4, S46).</summary>
public sealed class ErrorEndpoint(SignInAnswers answers)
{
    private const int LongestDescription = 200;

    private static readonly Dictionary<string, string> Causes = new(StringComparer.Ordinal)
    {
        ["state"] = "This sign-in was begun in another browser, took too long, or was finished already.",
        ["circle"] = "You were signed in several times in a minute, and each time in vain: this browser does not keep the gateway's cookie, the session ended at once, or what the identity provider gave for the organization could not be used.",
        ["unknown_issuer"] = "The sign-in was to be at an identity provider that is not set up here.",
        ["invalid_suggestion"] = "The identity provider's suggestion to sign in is not valid any more.",
        ["auth_failed"] = "The sign-in could not be completed.",
        ["access_denied"] = "The sign-in was cancelled, or the identity provider refused it.",
        ["login_required"] = "The identity provider wants you to sign in again.",
        ["interaction_required"] = "The identity provider needs something from you before it can sign you in.",
        ["consent_required"] = "The identity provider needs your consent.",
        ["account_selection_required"] = "The identity provider needs to know which account you want to use.",
        ["temporarily_unavailable"] = "The identity provider is overloaded at the moment.",
        ["server_error"] = "The identity provider failed.",
        ["step_up_failed"] = "The identity provider did not confirm a sign-in that is recent or strong enough for this page.",
        ["provider_unavailable"] = "The identity provider does not answer at the moment.",
        ["invalid_request"] = "The identity provider did not accept the request.",
        ["invalid_scope"] = "The identity provider does not grant what the gateway asked for.",
        ["unauthorized_client"] = "The identity provider does not let this gateway sign people in.",
    };

    /// <summary>Plain words for a code of ours; what is no code of ours gets the general ones, never its own text.</summary>
    public static string CauseOf(string error) => Causes.GetValueOrDefault(error, Causes["auth_failed"]);

    public Task InvokeAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var error = query["error"].ToString();
        var again = answers.LoginUrl(LocalUrl.Or(query["next"]));
        context.Response.StatusCode = error == "access_denied" ? StatusCodes.Status403Forbidden : StatusCodes.Status400BadRequest;
        var paragraphs = new List<string> { CauseOf(error) };
        if (query["error_description"].ToString() is { Length: > 0 } description)
            paragraphs.Add("The identity provider says: " + description[..Math.Min(description.Length, LongestDescription)]);
        return answers.PageAsync(context, "Sign-in failed", new PageBody
        {
            Paragraphs = paragraphs,
            Links = [new(again, "Try again", IsMain: true), new(again + "&prompt=select_account", "Use another account"), new("/", "Go to the start page")],
            Reference = query["reference"].ToString() is { Length: > 0 and <= 64 } reference ? reference : context.TraceIdentifier,
        });
    }

    public Task SignedOutAsync(HttpContext context) => answers.PageAsync(context, "You are signed out", new PageBody
    {
        Paragraphs = ["Your session here has ended. You may close this page."],
        Links = [new(answers.LoginUrl(LocalUrl.Default), "Sign in again", IsMain: true), new("/", "Go to the start page")],
    });
}
