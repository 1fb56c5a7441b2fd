using System.Net;
using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.Configuration;
using Yarp.ReverseProxy.Transforms;

namespace OrgGateway.Proxy;

/// <summary>
/// An upstream that wants a stronger or more recent sign-in says so with a 401 (RFC 9470 §3). A person's navigation begins the login that
/// meets it; every other client gets the 401 as it is.
/// </summary>
public sealed class StepUpChallenge(Redirection redirection, OwnAnswer own, Site site, TimeProvider clock) : ResponseTransform
{
    public override ValueTask ApplyAsync(ResponseTransformContext context) =>
        context.ProxyResponse is { StatusCode: HttpStatusCode.Unauthorized } response ? new(AnswerAsync(context, response)) : ValueTask.CompletedTask;

    /// <returns>What the challenge demands; null for every other challenge.</returns>
    public static StepUp? Read(HttpResponseMessage response)
    {
        foreach (var challenge in response.Headers.WwwAuthenticate)
        {
            var parameters = Parameters(challenge.Parameter ?? "");
            if (parameters.GetValueOrDefault("error") == "insufficient_user_authentication"
                && StepUp.TryParse(parameters.GetValueOrDefault("max_age"), parameters.GetValueOrDefault("acr_values")) is { } demand)
                return demand;
        }
        return null;
    }

    private Task AnswerAsync(ResponseTransformContext context, HttpResponseMessage response)
    {
        var http = context.HttpContext;
        // A sign-in that meets the demand already would be asked for again and again: then the upstream's own answer is the best there is.
        if (http.Features.Get<Permit>() is not { Session: { } session } permit || RequestKinds.Of(http) != RequestKind.Page
            || Read(response) is not { } demand || demand.IsMetBy(session.Identity, clock.GetUtcNow()))
            return Task.CompletedTask;
        var here = http.Request.PathBase.Add(http.Request.Path).ToUriComponent() + http.Request.QueryString.ToUriComponent();
        RouteLimits.ClearButLimits(http.Response, response.Headers, permit.Policy);
        own.Mark(http);
        var org = session.Record.Under is not null && permit.Organization is { } organization ? "&org=" + Uri.EscapeDataString(organization.Slug) : "";
        context.SuppressResponseBody = true;
        return redirection.ToAsync(http, StatusCodes.Status302Found, site.AuthPath + "/login?" + demand.ToQuery() + org + "&next=" + Uri.EscapeDataString(here));
    }

    // auth-param list (RFC 9110 §11.2): a comma or blank within quotes separates nothing.
    private static Dictionary<string, string> Parameters(string text)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var at = 0; at < text.Length;)
        {
            var equals = text.IndexOf('=', at);
            if (equals < 0)
                break;
            var name = text[at..equals].Trim(' ', ',', '\t');
            int end;
            string value;
            if (equals + 1 < text.Length && text[equals + 1] == '"')
            {
                end = text.IndexOf('"', equals + 2);
                if (end < 0)
                    break;
                value = text[(equals + 2)..end++];
            }
            else
            {
                end = text.IndexOf(',', equals);
                end = end < 0 ? text.Length : end;
                value = text[(equals + 1)..end].Trim();
            }
            parameters.TryAdd(name, value);
            at = end;
        }
        return parameters;
    }
}
