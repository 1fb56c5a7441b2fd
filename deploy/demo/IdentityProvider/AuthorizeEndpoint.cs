using System.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;

namespace OrgGateway.Demo.IdentityProvider;

/// <summary>OpenID Connect Core §3.1.2: sends the browser on with a code, or to the sign-in page first.</summary>
internal sealed class AuthorizeEndpoint(
    ProviderAddress address, DemoProviderOptions options, Registrations registrations, SsoSessions sessions, Grants grants,
    PendingSignIns pending)
{
    public async Task HandleAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        switch (await ReadAsync(context))
        {
            case AuthorizationAnswer.Page(var message):
                await Page.Failure("This sign-in cannot start", message).WriteAsync(context, StatusCodes.Status400BadRequest);
                break;
            case AuthorizationAnswer.Redirect refused:
                Refuse(context, refused);
                break;
            case AuthorizationAnswer.Go(var request):
                Continue(context, request);
                break;
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>Gives the client its code, for the person of this session.</summary>
    public void Grant(HttpContext context, AuthorizationRequest request, SsoSession session)
    {
        session.UsedBy(request.Client);
        var grant = new Grant(
            RandomId.New(), session.Sub, request.Client.ClientId, session.Sid, session.AuthTime, request.Scopes, request.Nonce)
        {
            OrgId = request.OrgId,
        };
        var code = grants.IssueCode(grant, request.RedirectUri, request.CodeChallenge);
        Redirect(context, request.RedirectUri, new() { ["code"] = code, ["state"] = request.State });
    }

    private async Task<AuthorizationAnswer> ReadAsync(HttpContext context)
    {
        // Both methods are required of a provider (OpenID Connect Core §3.1.2.1).
        if (!HttpMethods.IsPost(context.Request.Method))
            return AuthorizationRequest.Parse(name => context.Request.Query[name], registrations);
        if (await RequestForm.ReadAsync(context) is not { } form)
            return new AuthorizationAnswer.Page("The request is not a form.");
        return AuthorizationRequest.Parse(name => form[name], registrations);
    }

    private void Continue(HttpContext context, AuthorizationRequest request)
    {
        var session = sessions.Find(context);
        var tooOld = session is not null && request.MaxAge is { } maxAge && options.Clock.GetUtcNow() - session.AuthTime > maxAge;
        if (session is not null && !tooOld && !request.PromptLogin)
            Grant(context, request, session);
        else if (request.PromptNone)
            Refuse(context, new(request.RedirectUri, request.State, "login_required", "the person has to sign in"));
        else
            context.Response.Redirect($"/sign-in?request={pending.Add(request)}");
    }

    private void Refuse(HttpContext context, AuthorizationAnswer.Redirect refused) => Redirect(context, refused.RedirectUri, new()
    {
        ["error"] = refused.Error,
        ["error_description"] = refused.Description,
        ["state"] = refused.State,
    });

    private void Redirect(HttpContext context, string redirectUri, Dictionary<string, string?> parameters)
    {
        // RFC 9207 §2: in every response, errors too, so that a client with several providers knows who answers.
        parameters["iss"] = address.Issuer;
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = QueryHelpers.AddQueryString(redirectUri, parameters);
    }
}
