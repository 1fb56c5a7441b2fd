using OrgGateway.Answers;
using OrgGateway.Revocation;
using OrgGateway.Sessions;

namespace OrgGateway.Admin;

/// <summary>
/// Sessions: listed in pages, revoked by session, user, user in an organization, and organization. Nothing listed is a token, and
/// no cookie can be made of an id.
/// </summary>
public sealed class SessionsPart(SessionQueries queries, SessionRevocation revocation) : IAdminPart, IConsolePage
{
    private const int ConsoleRows = 100;

    private static readonly string[] Narrowing = ["user", "org", "issuer"];

    public string Path => "sessions";
    public string Title => "Sessions";
    public bool Refreshes => true;

    public void Map(RouteGroupBuilder admin)
    {
        admin.MapMethods("/sessions", OwnEndpoints.Read, (RequestDelegate)ListAsync);
        admin.MapDelete("/sessions", (RequestDelegate)(context => RevokeByQueryAsync(context, AdminAnswer.Query(context, "user"))));
        admin.MapDelete("/sessions/{id}", (RequestDelegate)(context => RevokeAsync(context, new(RevocationScope.Session, RevocationReasons.Admin, Session: (string)context.Request.RouteValues["id"]!))));
        admin.MapMethods("/users", OwnEndpoints.Read, (RequestDelegate)UsersAsync);
        admin.MapDelete("/users/{user}", (RequestDelegate)(context => RevokeByQueryAsync(context, NameOf(context, "user"))));
        admin.MapDelete("/users/{user}/organizations/{org}", (RequestDelegate)(context => RevokeAsync(context, NameOf(context, "user"), NameOf(context, "org"))));
    }

    public async Task WriteAsync(ConsoleHtml html, HttpRequest request, CancellationToken cancellationToken)
    {
        var (user, org) = (AdminAnswer.Query(request.HttpContext, "user"), AdminAnswer.Query(request.HttpContext, "org"));
        var skip = int.TryParse(AdminAnswer.Query(request.HttpContext, "skip"), System.Globalization.NumberStyles.None, null, out var number) ? number : 0;
        html.Question(Path, "Show", ("user", "User (subject or e-mail)", user), ("org", "Organization (slug or id)", org));
        if (await queries.ReadAsync(null, user, org, skip, ConsoleRows, cancellationToken) is not { } page)
        {
            html.Paragraph("The store does not answer.");
            return;
        }
        html.Heading("Sessions").Table(
            ["User", "E-mail", "Organizations", "Signed in", "Last seen", "Ends", ""],
            page.Sessions.Select(s => (IReadOnlyList<object?>)[
                ConsoleHtml.Link($"sessions?user={Uri.EscapeDataString(s.Subject)}", s.Subject), s.Email, string.Join(", ", s.Organizations.Select(o => $"{o.Slug} ({string.Join('/', o.Roles)})")),
                s.SignedIn, s.LastSeen, s.Ends, html.Button("sessions/do/session", "Revoke", $"session of {s.Email ?? s.Subject}", ("id", s.Id)),
            ]));
        if (page.Next is { } next)
            html.Table(["More"], [[ConsoleHtml.Link($"sessions?user={Uri.EscapeDataString(user ?? "")}&org={Uri.EscapeDataString(org ?? "")}&skip={next}", "Next page")]]);
        if (page.Sessions.Count > 0 && user is not null)
            html.Heading("Revoke more").Action("sessions/do/user", org is null ? "Revoke all sessions of this user" : "Take this user out of this organization", user, ("user", user), ("org", org ?? ""));
        else if (page.Sessions.Count > 0 && org is not null)
            html.Heading("Revoke more").Action("sessions/do/user", "Revoke all sessions of this organization's members", org, ("user", ""), ("org", org));
    }

    public async Task<string?> ActAsync(string action, IFormCollection form, CancellationToken cancellationToken)
    {
        var (user, org) = (form["user"].ToString(), form["org"].ToString());
        var asked = action switch
        {
            "session" => new Revocation.Revocation(RevocationScope.Session, RevocationReasons.Admin, Session: form["id"].ToString()),
            "user" => await queries.ScopeAsync(null, user.Length > 0 ? user : null, org.Length > 0 ? org : null, cancellationToken),
            _ => null,
        };
        if (asked is null)
            return action == "user" ? "Nobody of that name is known." : null;
        var outcome = await revocation.RevokeAsync(asked);
        return outcome.Complete
            ? $"Done: {outcome.Sessions} session(s), on every replica."
            : "It holds on this replica; the store does not answer, and it is carried through as soon as it does.";
    }

    private async Task ListAsync(HttpContext context)
    {
        if (await AdminAnswer.PageOfAsync(context) is not { } place)
            return;
        var read = await queries.ReadAsync(AdminAnswer.Query(context, "issuer"), AdminAnswer.Query(context, "user"), AdminAnswer.Query(context, "org"), place.Skip, place.Limit, context.RequestAborted);
        await (read is null ? AdminAnswer.ProblemAsync(context, AdminAnswer.StoreDown) : AdminAnswer.OkAsync(context, new { items = read.Sessions, next = read.Next }));
    }

    private async Task UsersAsync(HttpContext context)
    {
        if (await AdminAnswer.PageOfAsync(context) is not { } place)
            return;
        if (await queries.ReadAsync(null, null, AdminAnswer.Query(context, "org"), place.Skip, place.Limit, context.RequestAborted) is not { } read)
        {
            await AdminAnswer.ProblemAsync(context, AdminAnswer.StoreDown);
            return;
        }
        var users = read.Sessions.GroupBy(s => (s.Issuer, s.Subject)).Select(g => new
        {
            g.Key.Issuer, g.Key.Subject, g.First().Email, g.First().Name, sessions = g.Count(), lastSeen = g.Max(s => s.LastSeen), organizations = g.First().Organizations,
        });
        await AdminAnswer.OkAsync(context, new { items = users, next = read.Next });
    }

    private async Task RevokeByQueryAsync(HttpContext context, string? user)
    {
        var org = AdminAnswer.Query(context, "org");
        // What a script left empty or misspelled would end more than was meant: "?user=$SUBJECT&org=acme" without a subject everybody.
        if (context.Request.Query.FirstOrDefault(q => q.Key is not ("user" or "org" or "issuer") || q.Value is not [{ Length: > 0 }]).Key is { } name)
            await AdminAnswer.ProblemAsync(context, AdminAnswer.Bad(name, "only user, org and issuer, each once and not empty"));
        else if (user is null && org is null)
            await AdminAnswer.ProblemAsync(context, AdminAnswer.Bad("user, org", "name a user, an organization, or both; one session is DELETE /admin/v1/sessions/{id}"));
        else
            await RevokeAsync(context, user, org);
    }

    private async Task RevokeAsync(HttpContext context, string? user, string? org)
    {
        // A parameter that is misspelt, or empty, was meant to narrow: left out, it would end more sessions than anybody asked for.
        if (context.Request.Query.FirstOrDefault(given => !Narrowing.Contains(given.Key, StringComparer.OrdinalIgnoreCase) || given.Value is not [{ Length: > 0 }]) is { Key: { } odd })
            await AdminAnswer.ProblemAsync(context, AdminAnswer.Bad(odd, "unknown, empty or given twice; allowed are user, org and issuer, once each"));
        else if (await queries.ScopeAsync(AdminAnswer.Query(context, "issuer"), user, org, context.RequestAborted) is { } asked)
            await RevokeAsync(context, asked);
        else
            await AdminAnswer.ProblemAsync(context, AdminAnswer.Unknown("user with this e-mail address, or identity provider with this issuer"));
    }

    private static string NameOf(HttpContext context, string name) => (string)context.Request.RouteValues[name]!;

    private async Task RevokeAsync(HttpContext context, Revocation.Revocation asked)
    {
        if (asked.Scope == RevocationScope.Session && !SessionId.TryParse(asked.Session!, out _))
        {
            await AdminAnswer.ProblemAsync(context, AdminAnswer.Bad("id", "not the id of a session, as listed"));
            return;
        }
        var outcome = await revocation.RevokeAsync(asked);
        // 202: it holds here, and everywhere as soon as the store answers.
        await AdminAnswer.OkAsync(context, new { scope = asked.Scope, sessions = outcome.Sessions, complete = outcome.Complete }, outcome.Complete ? 200 : 202);
    }
}
