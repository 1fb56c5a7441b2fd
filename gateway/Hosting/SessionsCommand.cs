using System.CommandLine;
using OrgGateway.Admin;
using OrgGateway.Sessions;

namespace OrgGateway.Hosting;

/// <summary><c>sessions list</c> and <c>sessions revoke</c>, against the store of the configuration: they hold on every replica.</summary>
public static class SessionsCommand
{
    private const int Unfinished = 3;

    public static Command Create(Option<string[]> files)
    {
        var user = new Option<string?>("--user") { Description = "Subject or e-mail address" };
        var issuer = new Option<string?>("--issuer") { Description = "Of the subject; the default provider's where nothing is said" };
        var org = new Option<string?>("--org") { Description = "Slug or id of an organization" };
        var json = new Option<bool>("--json") { Description = "One JSON document" };
        var skip = new Option<int>("--skip") { Description = "Leave out so many" };
        var limit = new Option<int>("--limit") { Description = "At most so many, up to 500", DefaultValueFactory = _ => 100 };
        skip.Validators.Add(given => Within(given, 0, int.MaxValue - 500));
        limit.Validators.Add(given => Within(given, 1, 500));
        var list = new Command("list", "Lists living sessions, those used last first") { user, issuer, org, skip, limit, json };
        list.SetAction((parsed, cancellationToken) => OperatorHost.RunAsync(parsed.GetValue(files) ?? [], needsStore: true, async services =>
        {
            var page = await services.GetRequiredService<SessionQueries>().ReadAsync(
                parsed.GetValue(issuer), parsed.GetValue(user), parsed.GetValue(org), parsed.GetValue(skip), parsed.GetValue(limit), cancellationToken);
            if (page is null)
                return StoreDown();
            if (parsed.GetValue(json))
                CommandOutput.Json(new { items = page.Sessions, next = page.Next });
            else
                CommandOutput.Table(
                    ["SESSION", "USER", "E-MAIL", "ORGANIZATIONS", "SIGNED IN", "LAST SEEN", "ENDS"],
                    [.. page.Sessions.Select(s => (IReadOnlyList<object?>)[s.Id, s.Subject, s.Email, s.Organizations.Select(o => o.Slug), s.SignedIn, s.LastSeen, s.Ends])]);
            if (page.Next is { } next && !parsed.GetValue(json))
                Console.WriteLine($"More: --skip {next}");
            return 0;
        }));

        var id = new Argument<string?>("session") { Description = "Id as listed; or name whose sessions by options", Arity = ArgumentArity.ZeroOrOne };
        var revoke = new Command("revoke", "Ends a session, all of a user, a user's membership (--user and --org), or all of an organization") { id, user, issuer, org, json };
        revoke.SetAction((parsed, cancellationToken) => OperatorHost.RunAsync(parsed.GetValue(files) ?? [], needsStore: true, async services =>
        {
            var queries = services.GetRequiredService<SessionQueries>();
            var asked = parsed.GetValue(id) is { } session ? SessionQueries.OfSession(session) : await queries.ScopeAsync(parsed.GetValue(issuer), parsed.GetValue(user), parsed.GetValue(org), cancellationToken);
            if (asked is null)
            {
                await Console.Error.WriteLineAsync(parsed.GetValue(id) is not null ? "That is not the id of a session, as listed." : "Name a session, --user, --org or both; a user must be known.");
                return 2;
            }
            var outcome = await services.GetRequiredService<SessionRevocation>().RevokeAsync(asked);
            if (parsed.GetValue(json))
                CommandOutput.Json(new { scope = asked.Scope, sessions = outcome.Sessions, complete = outcome.Complete });
            else
                Console.WriteLine(outcome.Complete ? $"Done: {outcome.Sessions} session(s), on every replica." : "The store did not answer for all of it: ask again.");
            return outcome.Complete ? 0 : Unfinished;
        }));
        return new Command("sessions", "Living sessions of all replicas") { list, revoke };
    }

    private static void Within(System.CommandLine.Parsing.OptionResult given, int least, int most)
    {
        if (given.Tokens.Count > 0 && int.TryParse(given.Tokens[0].Value, System.Globalization.CultureInfo.InvariantCulture, out var number) && (number < least || number > most))
            given.AddError($"{given.Option.Name} is {least} to {most}");
    }

    private static int StoreDown()
    {
        Console.Error.WriteLine("The store does not answer.");
        return OperatorHost.Failed;
    }
}
