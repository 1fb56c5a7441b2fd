using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace OrgGateway.Tests.Servers;

/// <summary>
/// The pages of a <see cref="HostileProvider"/>: whoever comes is signed in as its one subject, at once, and goes back with an answer
/// that a test may change.
/// </summary>
public sealed class HostileFront
{
    private readonly HostileProvider _provider;
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, string>> _codes = new(StringComparer.Ordinal);
    private int _code;

    public HostileFront(HostileProvider provider)
    {
        _provider = provider;
        Authorize = new(AnswerAuthorizeAsync);
        EndSession = new(AnswerEndSessionAsync);
    }

    public ProviderEndpoint Authorize { get; }
    public ProviderEndpoint EndSession { get; }

    /// <summary>Applied to the authorization response; null removes a parameter.</summary>
    public Action<Dictionary<string, string?>>? ChangeResponse { get; set; }

    /// <summary>Applied to what the browser takes back from the end of its session.</summary>
    public Func<string?, string?>? ChangeLogoutState { get; set; }

    /// <summary>The last authorization request: parameters of the query, or those that were pushed.</summary>
    public IReadOnlyDictionary<string, string> LastRequest { get; private set; } = new Dictionary<string, string>();

    /// <summary>The last answer sent to a browser.</summary>
    public IReadOnlyDictionary<string, string> LastResponse { get; private set; } = new Dictionary<string, string>();

    /// <summary>Finds the parameters behind a <c>request_uri</c>.</summary>
    public Func<string, IReadOnlyDictionary<string, string>?> Pushed { get; set; } = _ => null;

    public void Behave() => (ChangeResponse, ChangeLogoutState, Authorize.Answer, EndSession.Answer) = (null, null, null, null);

    /// <returns>What an ID Token has of the authorization that the code of a token request is for.</returns>
    public Action<JsonObject>? ClaimsFor(ProviderRequest request) =>
        request.Form.TryGetValue("code", out var code) && _codes.TryGetValue(code[0], out var asked)
            ? claims =>
            {
                if (asked.TryGetValue("nonce", out var nonce))
                    claims["nonce"] = nonce;
                if (asked.ContainsKey("max_age"))
                    claims["auth_time"] = claims["iat"]!.GetValue<long>();
                if (asked.TryGetValue("acr_values", out var acr))
                    claims["acr"] = acr.Split(' ')[0];
            }
            : null;

    private Task AnswerAuthorizeAsync(HttpContext context)
    {
        IReadOnlyDictionary<string, string> asked = context.Request.Query.ToDictionary(p => p.Key, p => p.Value.ToString());
        if (asked.TryGetValue("request_uri", out var reference) && Pushed(reference) is { } pushed)
            asked = pushed;
        if (!asked.TryGetValue("redirect_uri", out var redirectUri))
            return HostileAnswers.Status(400)(context);
        LastRequest = asked;
        var code = $"code-{Interlocked.Increment(ref _code)}";
        _codes[code] = asked;
        var answer = new Dictionary<string, string?> { ["code"] = code, ["state"] = asked.GetValueOrDefault("state"), ["iss"] = _provider.Issuer };
        ChangeResponse?.Invoke(answer);
        var sent = answer.Where(p => p.Value is not null).ToDictionary(p => p.Key, p => p.Value!);
        LastResponse = sent;
        return asked.GetValueOrDefault("response_mode") == "form_post" ? PostAsync(context, redirectUri, sent) : GoAsync(context, redirectUri, sent);
    }

    private static Task GoAsync(HttpContext context, string to, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        context.Response.Redirect(to + QueryString.Create(parameters!));
        return Task.CompletedTask;
    }

    // OAuth 2.0 Form Post Response Mode §2.
    private static Task PostAsync(HttpContext context, string to, IEnumerable<KeyValuePair<string, string>> parameters) => HostileAnswers.Text(
        $"<!doctype html><form method=\"post\" action=\"{WebUtility.HtmlEncode(to)}\">"
        + string.Concat(parameters.Select(p => $"<input type=\"hidden\" name=\"{p.Key}\" value=\"{WebUtility.HtmlEncode(p.Value)}\">"))
        + "<button>Go on</button></form><script>document.forms[0].submit()</script>",
        "text/html")(context);

    private Task AnswerEndSessionAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var state = query["state"].ToString() is { Length: > 0 } sent ? sent : null;
        if (ChangeLogoutState is not null)
            state = ChangeLogoutState(state);
        return GoAsync(context, query["post_logout_redirect_uri"].ToString(), state is null ? [] : [new("state", state)]);
    }
}
