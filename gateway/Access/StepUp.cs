using System.Globalization;
using OrgGateway.Answers;
using OrgGateway.Identities;

namespace OrgGateway.Access;

/// <summary>What a sign-in has to be: how recent, and by which means. A route or an upstream demands it (RFC 9470), a login asks the provider for it.</summary>
public sealed record StepUp
{
    private const int LongestAcr = 256;
    private static readonly TimeSpan LongestAge = TimeSpan.FromDays(365);

    private StepUp(TimeSpan? maxAge, string? acr) => (MaxAge, Acr) = (maxAge, acr);

    /// <summary>Whole seconds since the person proved who they are.</summary>
    public TimeSpan? MaxAge { get; }

    /// <summary>Authentication context classes, any of which will do, with a blank between them.</summary>
    public string? Acr { get; }

    /// <returns>Null where nothing is demanded, or it is not written as RFC 9470 §3 has it.</returns>
    public static StepUp? TryParse(string? maxAge, string? acr)
    {
        var age = default(TimeSpan?);
        if (!string.IsNullOrEmpty(maxAge))
        {
            if (!int.TryParse(maxAge, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > LongestAge.TotalSeconds)
                return null;
            age = TimeSpan.FromSeconds(seconds);
        }
        // Visible ASCII without quotes: it goes into a header and a URL.
        if (acr?.Length > LongestAcr || acr?.Any(c => c is < ' ' or > '~' or '"' or '\\') is true)
            return null;
        acr = acr is null ? null : string.Join(' ', acr.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return age is null && string.IsNullOrEmpty(acr) ? null : new(age, string.IsNullOrEmpty(acr) ? null : acr);
    }

    /// <summary>An identity that does not say when or how it signed in does not meet a demand for it.</summary>
    public bool IsMetBy(Identity identity, DateTimeOffset now) =>
        (MaxAge is null || now - identity.AuthenticatedAt <= MaxAge)
        && (Acr is null || (identity.Acr is { } acr && Acr.Split(' ').Contains(acr, StringComparer.Ordinal)));

    /// <summary>401 with what is lacking and where to get it (RFC 9470 §3).</summary>
    public Problem ToProblem() => new(401, "reauth_required", "Sign in again", "This needs a sign-in that is more recent or stronger.")
    {
        Challenge = "Bearer error=\"insufficient_user_authentication\", error_description=\"A more recent or stronger sign-in is required\""
            + (Acr is null ? "" : $", acr_values=\"{Acr}\"") + (MaxAge is { } age ? $", max_age={Seconds(age)}" : ""),
        Login = ToQuery(),
    };

    /// <returns>Parameters of a login that asks for it.</returns>
    public string ToQuery() => string.Join('&', new[]
    {
        MaxAge is { } age ? "max_age=" + Seconds(age) : null,
        Acr is null ? null : "acr_values=" + Uri.EscapeDataString(Acr),
    }.Where(parameter => parameter is not null));

    internal static string Seconds(TimeSpan age) => ((long)age.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
