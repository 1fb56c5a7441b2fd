using Microsoft.Extensions.Primitives;
using OrgGateway.Answers;

namespace OrgGateway.SignIn;

/// <summary>
/// What a caller of the login endpoint may say, parsed once: every value bounded, of the grammar of its kind, and given once; what is not
/// counts as absent. Nothing of it can change what is asked of the provider, only whom it concerns (O17, T51).
/// </summary>
public sealed record LoginRequest
{
    private const int LongestHint = 254;
    private const int LongestWord = 128;
    private const int LongestInvitation = 512;
    private const int LongestIssuer = 512;
    private static readonly string[] Prompts = ["login", "select_account", "consent", "create", None];

    /// <summary><c>prompt</c> of a silent login: the provider may not show anything.</summary>
    public const string None = "none";

    public required string Next { get; init; }
    public string? Org { get; init; }

    /// <summary><c>email</c> or <c>login_hint</c>.</summary>
    public string? LoginHint { get; init; }
    public string? Connection { get; init; }
    public string? Prompt { get; init; }
    public string? Invitation { get; init; }
    public string? Locales { get; init; }

    /// <summary><c>iss</c> of a third-party-initiated login (Core §4).</summary>
    public string? Issuer { get; init; }

    public bool IsSilent => Prompt == None;

    /// <summary>Given at all, whatever it says: the provider may show what it wants, nothing silent is tried first (<see cref="SilentGrant"/>).</summary>
    public bool IsVisible { get; init; }

    /// <summary>It names an organization, and says nothing of whom to sign in or how.</summary>
    public bool IsForOrganizationAlone => Org is not null && (LoginHint ?? Connection ?? Prompt ?? Invitation ?? Locales ?? Issuer) is null;

    /// <param name="parameters">Of the query, or of the form that a third party posted.</param>
    /// <param name="origin">The gateway's own: what leads elsewhere is not gone to (T39, T42).</param>
    public static LoginRequest Read(Func<string, StringValues> parameters, string origin)
    {
        return new()
        {
            Next = Text("next", int.MaxValue) is { } next ? LocalUrl.Or(next) : LocalUrl.OfOrigin(Text("target_link_uri", int.MaxValue), origin),
            Org = Word("org"),
            LoginHint = Text("email", LongestHint) ?? Text("login_hint", LongestHint),
            Connection = Word("connection"),
            Prompt = Text("prompt", LongestWord) is { } prompt && Prompts.Contains(prompt, StringComparer.Ordinal) ? prompt : null,
            Invitation = Text("invitation", LongestInvitation),
            Locales = Text("ui_locales", LongestWord) is { } locales && locales.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or ' ') ? locales : null,
            Issuer = Text("iss", LongestIssuer),
            IsVisible = parameters(SilentGrant.Visible).Count > 0,
        };

        string? Text(string name, int longest) =>
            parameters(name) is { Count: 1 } values && values[0] is { Length: > 0 } text && text.Length <= longest && !text.Any(char.IsControl) ? text : null;

        string? Word(string name) => Text(name, LongestWord) is { } text && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':') ? text : null;
    }
}
