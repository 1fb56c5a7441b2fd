using OrgGateway.Access;
using OrgGateway.Configuration;
using OrgGateway.Oidc;
using OrgGateway.Sessions;

namespace OrgGateway.SignIn;

/// <summary>
/// A grant for one organization that the provider gives without showing anything (<c>prompt=none</c>, Core §3.1.2.1), beside the session
/// that asks. It ends in that grant or in nothing: where the provider wants the person, the same login begins again where they see it.
/// </summary>
public sealed class SilentGrant(Site site, ILogger<SilentGrant> logger)
{
    /// <summary>
    /// Parameter of the login that begins again: none of its kind is silent, so that a provider which refuses for ever leads to one visible
    /// login and its error page. It needs no seal: whoever puts it into a link gets the login that a signed-out person gets.
    /// </summary>
    public const string Visible = "visible";

    private const string Prompt = "prompt";

    // Core §3.1.2.6; the last is what a provider says that does not know prompt=none.
    private static readonly string[] WantsPerson = ["login_required", "interaction_required", "consent_required", "account_selection_required", "invalid_request"];

    /// <summary>Whether a login may be silent: for an organization alone, of a session that is there and a member, at the provider that vouches for it.</summary>
    public static bool IsPossible(LoginRequest request, StepUp? stepUp, IdentityProvider provider, Session? session) =>
        provider.Options.Mint.Strategy == MintStrategy.SilentAuthorize
        && session is not null && session.Record.Provider == provider.Name
        && request is { IsForOrganizationAlone: true, IsVisible: false } && stepUp is null
        && session.Organizations.Find(request.Org!) is not null
        // Whoever configured a prompt wants people to see it.
        && !provider.Options.Authorize.Parameters.ContainsKey(Prompt);

    /// <summary>Whether an error of the provider means that the person has to be there.</summary>
    public static bool IsForPerson(string error, IdentityProvider provider) =>
        WantsPerson.Contains(error, StringComparer.Ordinal) || provider.Options.Mint.RequireReauthOn?.Contains(error, StringComparer.Ordinal) == true;

    /// <param name="why">For the log: an error that <see cref="IsForPerson"/> knows, or words of ours.</param>
    /// <param name="anew">The provider would answer for somebody else without a word: it has to ask who is there.</param>
    public Task BeginVisiblyAsync(HttpContext context, LoginTransaction transaction, string why, bool anew = false)
    {
        logger.SilentGrantEnded(transaction.Provider, why, context.TraceIdentifier);
        var parameters = new List<KeyValuePair<string, string?>> { new("org", transaction.Org), new(Visible, "1"), new("next", transaction.Next) };
        if (anew)
            parameters.Insert(2, new(Prompt, "login"));
        return SignInAnswers.RedirectAsync(context, site.AuthPath + SignInPaths.Login + QueryString.Create(parameters));
    }
}
