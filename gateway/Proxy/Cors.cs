using Microsoft.Extensions.Primitives;
using OrgGateway.Access;
using OrgGateway.Configuration;

namespace OrgGateway.Proxy;

/// <summary>
/// Cross-origin requests (Fetch §3.2) to routes that name <c>Origins</c>. A preflight carries no credential by design, so it is
/// answered here without one, and never reaches an upstream that would take it for a request.
/// </summary>
public sealed class Cors(Site site)
{
    private const string PreflightAge = "600";
    private readonly bool _hasMoreOrigins = site.Origins.Count > 1;

    /// <returns>True when the request was a preflight and is answered.</returns>
    public bool Answers(HttpContext context, RoutePolicy policy)
    {
        var request = context.Request;
        var preflight = HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod.Count > 0;
        var isOurs = policy.Origins.Count > 0 || (_hasMoreOrigins && site.Origins.Contains(request.Headers.Origin.ToString(), StringComparer.Ordinal));
        if (!isOurs)
        {
            // A public route without Origins does its own; on any other, no origin is allowed and no credential is asked for.
            if (!preflight || policy.Access == AccessLevel.Public)
                return false;
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return true;
        }
        var grant = GrantOf(policy, request.Headers.Origin);
        if (preflight)
        {
            AnswerPreflight(context, grant);
            return true;
        }
        // When the answer begins: what an upstream says of origins is replaced then, and refusals of ours can be read by the page too.
        context.Response.OnStarting(static state =>
        {
            var (response, granted) = ((HttpResponse, Grant))state;
            Write(response, granted);
            return Task.CompletedTask;
        }, (context.Response, grant));
        return false;
    }

    private Grant GrantOf(RoutePolicy policy, StringValues origins) =>
        origins is [{ } origin] && (policy.Origins.Contains(origin) || site.Origins.Contains(origin, StringComparer.Ordinal)) && origin != RoutePolicy.AnyOrigin ? new(origin, Credentials: true)
        : policy.Origins.Contains(RoutePolicy.AnyOrigin) ? new(RoutePolicy.AnyOrigin, Credentials: false) // never with credentials: anybody's page would act as the person
        : default;

    private static void AnswerPreflight(HttpContext context, Grant grant)
    {
        var (request, response) = (context.Request, context.Response);
        response.StatusCode = StatusCodes.Status204NoContent;
        Write(response, grant);
        if (grant.Origin is null)
            return;
        response.Headers.AccessControlAllowMethods = Echo(request.Headers.AccessControlRequestMethod);
        if (request.Headers.AccessControlRequestHeaders.Count > 0)
            response.Headers.AccessControlAllowHeaders = Echo(request.Headers.AccessControlRequestHeaders);
        response.Headers.AccessControlMaxAge = PreflightAge;
        response.Headers.Append("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers");
    }

    private static void Write(HttpResponse response, Grant grant)
    {
        var headers = response.Headers;
        headers.Remove("Access-Control-Allow-Origin");
        headers.Remove("Access-Control-Allow-Credentials");
        if (grant.Origin is not null)
            headers.AccessControlAllowOrigin = grant.Origin;
        if (grant.Credentials)
            headers.AccessControlAllowCredentials = "true";
        // Caches must not give one origin's answer to another.
        if (grant.Origin != RoutePolicy.AnyOrigin)
            headers.Append("Vary", "Origin");
    }

    // The route's own policy decides about methods and headers; to the browser all are allowed that it asks for.
    private static string Echo(StringValues names) => string.Join(", ", names.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Where(name => name.Length <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')).Take(50));

    private readonly record struct Grant(string? Origin, bool Credentials);
}
