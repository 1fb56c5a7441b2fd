using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.Demo.IdentityProvider;

/// <summary>The form with e-mail and password, and its answer.</summary>
internal sealed class SignInPage(
    Registrations registrations, PendingSignIns pending, FormGuard guard, SsoSessions sessions, AuthorizeEndpoint authorize,
    Counters counters)
{
    public Task ShowAsync(HttpContext context)
    {
        string? id = context.Request.Query["request"];
        return pending.TryFind(id, out var request)
            ? FormAsync(context, id!, request, request.LoginHint, failure: null)
            : ExpiredAsync(context);
    }

    public async Task SubmitAsync(HttpContext context)
    {
        var form = await RequestForm.ReadAsync(context);
        string? id = form?["request"];
        if (form is null || !pending.TryFind(id, out var request))
        {
            await ExpiredAsync(context);
            return;
        }

        if (!guard.Accepts(context, $"sign-in {id}", form["csrf"]))
        {
            await FormAsync(context, id!, request, form["email"], "Your browser sent no proof that this form is ours. Please try again.");
            return;
        }

        var user = registrations.UserByEmail(form["email"].ToString().Trim());
        if (user is null || !IsPassword(user, form["password"].ToString()))
        {
            await FormAsync(context, id!, request, form["email"], "Wrong e-mail or password.");
            return;
        }

        if (!pending.TryTake(id!, out request))
        {
            await ExpiredAsync(context);
            return;
        }

        counters.SignIns.Increment();
        authorize.Grant(context, request, sessions.SignIn(context, user));
    }

    private static bool IsPassword(DemoUser user, string password) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(user.Password));

    private static Task ExpiredAsync(HttpContext context) =>
        Page.Failure("This sign-in has expired", "Go back to the app and start again.")
            .WriteAsync(context, StatusCodes.Status400BadRequest);

    private Task FormAsync(HttpContext context, string id, AuthorizationRequest request, string? email, string? failure)
    {
        Markup? alert = failure is null ? null : (Markup)$"""<p class="alert" role="alert">{failure}</p>""";
        return new Page("Sign in", $"""
            <h1>Sign in</h1>
            <p>to continue to <strong>{request.Client.ClientId}</strong></p>
            {alert}
            <form method="post" action="/sign-in">
              <input type="hidden" name="request" value="{id}">
              <input type="hidden" name="csrf" value="{guard.Issue(context, $"sign-in {id}")}">
              <label for="email">E-mail</label>
              <input id="email" name="email" type="email" value="{email}" autocomplete="username" required autofocus>
              <label for="password">Password</label>
              <input id="password" name="password" type="password" autocomplete="current-password" required>
              <button type="submit">Sign in</button>
            </form>
            <p class="hint">
              Demo accounts: alice@acme.test, bob@globex.test, carol@initech.test, dave@nowhere.test.
              The password is <code>demo</code>.
            </p>
            """).WriteAsync(context, StatusCodes.Status200OK);
    }
}
