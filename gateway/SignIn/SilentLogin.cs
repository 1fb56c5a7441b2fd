using OrgGateway.Answers;

namespace OrgGateway.SignIn;

/// <summary>
/// The end of a login with <c>prompt=none</c> in a frame, or of one that names no place to go on to: a fixed page that tells its parent, of
/// this origin and no other, whether there is a session now. Nobody reads a page in there, so an error means "no session" (O30, O71).
/// </summary>
public sealed class SilentLogin
{
    private const string Title = "Silent sign-in";
    private const string SignedIn = "parent.postMessage({type:\"orggateway.silent-login\",signedIn:true},location.origin)";
    private const string NotSignedIn = "parent.postMessage({type:\"orggateway.silent-login\",signedIn:false},location.origin)";
    private static readonly SilentLogin Mark = new();

    private SilentLogin()
    {
    }

    /// <summary>Whether a request asks for a login in a frame, by a page of this origin. Who does not say what it is for is no browser.</summary>
    public static bool IsAskedFor(HttpRequest request, LoginRequest login)
    {
        var (purpose, site) = (request.Headers["Sec-Fetch-Dest"], request.Headers["Sec-Fetch-Site"]);
        return login.IsSilent && (site.Count == 0 || site == "same-origin") && (purpose == "iframe" || (purpose.Count == 0 && IsOptional(request, login) && !request.Query.ContainsKey("next")));
    }

    /// <summary>Whether its failing for want of a person leaves things as they are: what an application asks for with a step-up it needs (O30, O112).</summary>
    public static bool IsOptional(HttpRequest request, LoginRequest login) =>
        login.IsSilent && !request.Query.ContainsKey("max_age") && !request.Query.ContainsKey("acr_values");

    /// <summary>Ends this request, whatever comes, with the page for frames.</summary>
    public static void Begin(HttpContext context) => context.Features.Set(Mark);

    public static bool Is(HttpContext context) => context.Features.Get<SilentLogin>() is not null;

    public static Task AnswerAsync(HttpContext context, bool signedIn) => PageLayout.WriteFramedAsync(context, Title, signedIn ? SignedIn : NotSignedIn);
}
