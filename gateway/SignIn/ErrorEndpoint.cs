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

    public Task InvokeAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var error = query["error"].ToString();
        context.Response.StatusCode = error == "access_denied" ? StatusCodes.Status403Forbidden : StatusCodes.Status400BadRequest;
        var paragraphs = new List<string> { Causes.GetValueOrDefault(error, Causes["auth_failed"]) };
        if (query["error_description"].ToString() is { Length: > 0 } description)
            paragraphs.Add("The identity provider says: " + description[..Math.Min(description.Length, LongestDescription)]);
        return answers.PageAsync(context, "Sign-in failed", new PageBody
        {
            Paragraphs = paragraphs,
            Links = [new(answers.LoginUrl(LocalUrl.Or(query["next"])), "Try again"), new("/", "Go to the start page")],
            Reference = query["reference"].ToString() is { Length: > 0 and <= 64 } reference ? reference : context.TraceIdentifier,
        });
    }

    public Task SignedOutAsync(HttpContext context) => answers.PageAsync(context, "You are signed out", new PageBody
    {
        Links = [new(answers.LoginUrl(LocalUrl.Default), "Sign in again"), new("/", "Go to the start page")],
    });
}
