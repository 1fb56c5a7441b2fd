using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.Configuration;
using OrgGateway.Orgs;
using OrgGateway.Proxy;

namespace OrgGateway.Explain;

/// <summary>
/// Says what would happen to a request, by letting it happen up to the point where it would be forwarded: the same routing and the
/// same access stage as for everybody, so that an explanation cannot differ from the deed.
/// </summary>
/// <param name="access">The stage of the pipeline with another end: what would be forwarded ends there.</param>
public sealed class AccessExplainer(AccessStage access, RouteMatch routes, PathReadings readings, IExplainedSubjects subjects, CurrentCatalog catalog, Site site)
{
    public async ValueTask<Explanation> ExplainAsync(ExplainQuery query, CancellationToken cancellationToken)
    {
        var subject = query.User is null ? null : await subjects.FindAsync(query.User, cancellationToken);
        var note = new DecisionNote();
        var context = Request(query, note, cancellationToken);
        var found = new Explanation
        {
            Path = context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent(),
            Method = query.Method,
            Kind = query.Kind.ToString().ToLowerInvariant(),
            User = subject?.Caller.Identity?.Subject ?? query.User,
            KnownFrom = subject?.KnownFrom,
            Outcome = "refuse",
            Rule = "routes",
            Why = "",
        };
        if (query.Host is { Length: > 0 } host && !RequestHost.IsReadable(host))
            return found with { Status = HostStage.Unreadable.Status, Code = HostStage.Unreadable.Code, Rule = "host", Why = HostStage.Unreadable.Detail! };
        await routes.InvokeAsync(context);
        var endpoint = context.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<RoutePolicy>() is not { } policy)
            return WithoutRoute(found, context, endpoint);
        found = found with { Route = policy.RouteId, Cluster = policy.ClusterId };
        if (RequestTarget.IsAmbiguous(context) || (PathReadings.AreSeveral(context.Request.Path.Value) && await readings.MeetAnotherRuleAsync(context, policy)))
            return found with { Status = Problem.BadTarget.Status, Code = Problem.BadTarget.Code, Rule = "request target", Why = Problem.BadTarget.Detail! };
        await access.DecideAsync(context, policy, subject?.Caller ?? Caller.Nobody);
        return Tell(found, context, note);
    }

    private static Explanation WithoutRoute(Explanation found, HttpContext context, Endpoint? endpoint) =>
        endpoint is RouteEndpoint { RoutePattern.RawText: { } pattern } && !pattern.StartsWith("{*path", StringComparison.Ordinal)
            ? found with { Outcome = "gateway", Rule = "AuthPath", Why = "This is the gateway's own endpoint; it is never forwarded." }
        : endpoint?.DisplayName?.StartsWith("405", StringComparison.Ordinal) == true
            ? found with { Status = 405, Code = "method_not_allowed", Rule = "Match:Methods", Why = $"A route has this path, none allows {context.Request.Method}." }
        : found with { Status = 404, Code = Problem.NotFound.Code, Why = "No route of the configuration matches this path, host and method." };

    private static Explanation Tell(Explanation found, HttpContext context, DecisionNote note)
    {
        if (context.Features.Get<Permit>() is { } permit)
        {
            var organization = permit.Organization;
            return found with
            {
                OrgId = organization?.Id ?? permit.AnonymousOrg,
                OrgSlug = organization?.Slug,
                Roles = organization?.Roles ?? [],
                Permissions = organization?.Permissions ?? [],
                Outcome = "forward",
                Code = note.Code,
                Rule = permit.Rule,
                Why = note.Code is null
                    ? $"{permit.Rule}: {(permit.Identity is null ? "everybody may" : "everything the route asks for holds")}."
                    : $"{note.Rule} is not fulfilled, but the route is report-only: it is logged and forwarded.",
            };
        }
        var status = context.Response.StatusCode;
        var location = context.Response.Headers.Location.ToString();
        return found with
        {
            Outcome = location.Length > 0 ? "redirect" : "refuse",
            Status = status,
            Location = location.Length > 0 ? location : null,
            Code = note.Code,
            Rule = note.Rule ?? "",
            Why = note.Code == Problem.Unauthenticated.Code
                ? "The route asks for a sign-in and there is no credential."
                : string.Create(CultureInfo.InvariantCulture, $"{note.Rule} is not fulfilled ({note.Code})."),
        };
    }

    private DefaultHttpContext Request(ExplainQuery query, DecisionNote note, CancellationToken cancellationToken)
    {
        var target = query.Org is null ? query.Path : query.Path.Replace("{org}", Uri.EscapeDataString(query.Org), StringComparison.Ordinal);
        var context = new DefaultHttpContext { RequestAborted = cancellationToken, TraceIdentifier = "explain" };
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var request = context.Request;
        request.Method = query.Kind == RequestKind.WebSocket ? HttpMethods.Get : query.Method.ToUpperInvariant();
        request.Protocol = HttpProtocol.Http11;
        request.Path = PathString.FromUriComponent(question < 0 ? target : target[..question]);
        request.QueryString = question < 0 ? QueryString.Empty : new QueryString(target[question..]);
        var origin = new Uri(site.Origin);
        request.Scheme = origin.Scheme;
        request.Host = query.Host is { Length: > 0 } host && RequestHost.IsReadable(host) ? new HostString(host)
            : query.Org is not null && catalog.Value.Find(query.Org)?.Hosts is [var its, ..] ? new HostString(its)
            : HostString.FromUriComponent(origin);
        RequestHost.Canonicalize(request);
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        context.Features.Set(note);
        if (query.Kind == RequestKind.Page)
            request.Headers.Accept = "text/html";
        if (query.Kind == RequestKind.WebSocket)
        {
            request.Headers.Connection = "Upgrade";
            request.Headers.Upgrade = "websocket";
            request.Headers.Origin = site.Origin;
        }
        context.Response.Body = Stream.Null;
        return context;
    }
}
