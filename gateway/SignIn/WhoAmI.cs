using System.Text.Json;
using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.Configuration;
using OrgGateway.Orgs;
using OrgGateway.Sessions;
using OrgGateway.Tokens;

namespace OrgGateway.SignIn;

/// <summary>What the gateway tells a browser of itself: who is signed in and where they may go. Never a token (S10).</summary>
public sealed class WhoAmI(SessionCookie cookie, SessionStore sessions, UserTokens tokens, FurtherSignIns further, Site site, SignInAnswers answers)
{
    private const int RetryAfter = 5;

    /// <summary><c>GET /auth/session</c>: 200 also when signed out, so that a page can ask without a redirect.</summary>
    public async Task SessionAsync(HttpContext context)
    {
        var (session, unavailable) = await FindAsync(context);
        if (unavailable)
            await answers.ProblemAsync(context, Problem.StoreUnavailable(RetryAfter));
        else
        {
            var organizations = session is null ? [] : await OrganizationsOfAsync(context, session);
            await WriteAsync(context, json => WriteSession(json, session, organizations));
        }
    }

    /// <summary><c>GET /auth/orgs</c>.</summary>
    public async Task OrganizationsAsync(HttpContext context)
    {
        var (session, unavailable) = await FindAsync(context);
        if (unavailable)
            await answers.ProblemAsync(context, Problem.StoreUnavailable(RetryAfter));
        else if (session is null)
            await answers.ProblemAsync(context, Problem.Unauthenticated);
        else
        {
            var organizations = await OrganizationsOfAsync(context, session);
            await WriteAsync(context, json => WriteOrganizations(json, organizations));
        }
    }

    /// <summary><c>GET /auth/select-org</c>: one organization goes straight through, several are a list, none says so.</summary>
    public async Task SelectAsync(HttpContext context)
    {
        if (IsForJson(context))
        {
            await OrganizationsAsync(context);
            return;
        }
        var next = LocalUrl.Or(context.Request.Query["next"]);
        var (session, unavailable) = await FindAsync(context);
        if (unavailable)
        {
            await answers.ProblemAsync(context, Problem.StoreUnavailable(RetryAfter));
            return;
        }
        if (session is null)
        {
            await SignInAnswers.RedirectAsync(context, answers.LoginUrl(site.AuthPath + SignInPaths.SelectOrganization + "?next=" + Uri.EscapeDataString(next)));
            return;
        }
        var all = await OrganizationsOfAsync(context, session);
        if (all.Count == 1)
            await SignInAnswers.RedirectAsync(context, Into(all[0], next));
        else
            await answers.PageAsync(context, all.Count == 0 ? "No organization" : "Choose an organization", new PageBody
            {
                Paragraphs = all.Count == 0
                    ? ["Your account belongs to no organization here. Ask an administrator to add you, or sign in with another account."]
                    : ["You can work in several at once: each has its own address."],
                Links = all.Count == 0
                    ? [new(answers.LoginUrl(next) + "&prompt=select_account", "Use another account", IsMain: true), new(site.AuthPath + SignInPaths.Logout, "Sign out")]
                    : [.. all.OrderBy(o => o.Name, StringComparer.OrdinalIgnoreCase).Select(o => new PageLink(Into(o, next), o.Name, string.Join(", ", o.Roles)))],
                Reference = all.Count == 0 ? context.TraceIdentifier : null,
            });
    }

    // The place asked for, in this organization, where it says so with a literal {org} or names the organization; else the organization's own start.
    private static string Into(SubjectOrganization organization, string next) =>
        next.Contains("{org}", StringComparison.Ordinal) ? next.Replace("{org}", Uri.EscapeDataString(organization.Slug), StringComparison.Ordinal)
        : next.Split('?', '#')[0].Split('/').Any(segment => segment == organization.Slug || segment == organization.Id) ? next
        : "/orgs/" + Uri.EscapeDataString(organization.Slug) + "/";

    // Whoever asks for JSON is no navigation: never sent to a sign-in, and told the same as at /auth/orgs.
    private static bool IsForJson(HttpContext context) =>
        RequestKinds.Of(context) != RequestKind.Page && context.Request.Headers.Accept.ToString().Contains("json", StringComparison.OrdinalIgnoreCase);

    // Those of the session, and of the sign-ins at further providers beside it.
    private async Task<IReadOnlyList<SubjectOrganization>> OrganizationsOfAsync(HttpContext context, Session session)
    {
        var beside = await further.AllAsync(context.Request, session, context.RequestAborted);
        return beside.Count == 0 ? session.Organizations.All : [.. session.Organizations.All, .. beside.SelectMany(other => other.Organizations.All)];
    }

    private async Task<(Session? Session, bool Unavailable)> FindAsync(HttpContext context)
    {
        if (!cookie.TryRead(context.Request, out var id))
            return (null, false);
        var read = await sessions.FindAsync(id, context.RequestAborted);
        if (read.Session is not { Record.Under: null })
            return (null, read.Status == SessionStatus.Unavailable);
        var fresh = await tokens.EnsureAsync(read.Session, context.RequestAborted);
        // With the provider away the session still is one; only what needs its token has to wait.
        return fresh.Freshness == Freshness.Ended ? (null, false) : (fresh.Session ?? read.Session, false);
    }

    private static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        SignInAnswers.Private(context.Response);
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        write(json);
        await json.FlushAsync(context.RequestAborted);
    }

    private static void WriteSession(Utf8JsonWriter json, Session? session, IReadOnlyList<SubjectOrganization> organizations)
    {
        json.WriteStartObject();
        json.WriteBoolean("authenticated"u8, session is not null);
        if (session is not null)
        {
            var record = session.Record;
            json.WriteStartObject("user"u8);
            json.WriteString("id"u8, record.Subject);
            json.WriteString("email"u8, record.Email);
            json.WriteString("name"u8, record.Name);
            json.WriteString("issuer"u8, record.Issuer);
            json.WriteEndObject();
            json.WritePropertyName("organizations"u8);
            WriteList(json, organizations);
            json.WriteString("signedInAt"u8, record.SignedIn);
            json.WriteString("expiresAt"u8, record.Ends);
        }
        json.WriteEndObject();
    }

    private static void WriteOrganizations(Utf8JsonWriter json, IReadOnlyList<SubjectOrganization> organizations)
    {
        json.WriteStartObject();
        json.WritePropertyName("organizations"u8);
        WriteList(json, organizations);
        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, IReadOnlyList<SubjectOrganization> organizations)
    {
        json.WriteStartArray();
        foreach (var organization in organizations)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, organization.Id);
            json.WriteString("slug"u8, organization.Slug);
            json.WriteString("name"u8, organization.Name);
            WriteStrings(json, "roles"u8, organization.Roles);
            WriteStrings(json, "permissions"u8, organization.Permissions);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteStrings(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
