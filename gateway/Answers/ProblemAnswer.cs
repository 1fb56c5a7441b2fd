using System.Buffers;
using System.Globalization;
using System.Text.Json;
using OrgGateway.Configuration;

namespace OrgGateway.Answers;

/// <summary>Writes a <see cref="Problem"/>: problem+json for programs, a page for people, a bare status before an upgrade.</summary>
public sealed class ProblemAnswer(PageLayout pages, Site site)
{
    private const string NoAccess = "You are signed in, and this account has no access here.";

    public Task WriteAsync(HttpContext context, Problem problem)
    {
        var response = context.Response;
        // Over HTTP/2 there is no Upgrade and 426 means nothing (RFC 9110 §15.5.22 is about HTTP/1.1).
        var http2 = !HttpProtocol.IsHttp11(context.Request.Protocol) && !HttpProtocol.IsHttp10(context.Request.Protocol);
        response.StatusCode = problem.RequiresUpgrade && http2 ? 400 : problem.Status;
        var headers = response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        if (problem.Challenge is not null)
            headers.WWWAuthenticate = problem.Challenge;
        if (problem.Allow is not null)
            headers.Allow = problem.Allow;
        if (problem.RetryAfterSeconds is { } seconds)
            headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (problem.RequiresUpgrade && !http2)
        {
            headers.Upgrade = "websocket";
            // The server takes a Connection header without keep-alive for the wish to close, and clients would not learn of it.
            headers.Connection = RequestKinds.HasToken(context.Request.Headers.Connection, "close") ? "Upgrade, close" : "Upgrade, keep-alive";
        }
        return RequestKinds.Of(context) == RequestKind.Page
            ? pages.WriteAsync(context, problem.Title, Page(problem, context.TraceIdentifier))
            : WriteJsonAsync(context, problem);
    }

    private PageBody Page(Problem problem, string reference) => new()
    {
        Paragraphs = problem.Detail is { } detail ? [detail] : problem.Status == StatusCodes.Status403Forbidden ? [NoAccess] : [],
        Reference = reference,
        Links = WaysOn(problem),
    };

    // Who is signed in and may not enter here is most often meant to be elsewhere, or somebody else.
    private IReadOnlyList<PageLink> WaysOn(Problem problem) => problem.Status == StatusCodes.Status403Forbidden
        ? [new(site.AuthPath + "/select-org", "Choose an organization", IsMain: true), new(site.AuthPath + "/login?prompt=select_account", "Use another account"), new("/", "Go to the start page")]
        : [new("/", "Go to the start page")];

    private Task WriteJsonAsync(HttpContext context, Problem problem)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", "urn:orggateway:" + problem.Code);
            json.WriteString("title", problem.Title);
            json.WriteNumber("status", context.Response.StatusCode);
            if (problem.Detail is not null)
                json.WriteString("detail", problem.Detail);
            json.WriteString("code", problem.Code);
            json.WriteString("error", problem.Code);
            if (problem.Missing is not null)
                json.WriteString("missing", problem.Missing);
            if (problem.KeyCode is not null)
                json.WriteString("keyCode", problem.KeyCode);
            if (problem.Login is not null)
                json.WriteString("login_url", site.AuthPath + "/login?" + problem.Login);
            json.WriteString("requestId", context.TraceIdentifier);
            json.WriteEndObject();
        }
        context.Response.ContentType = "application/problem+json";
        context.Response.ContentLength = buffer.WrittenCount;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.BodyWriter.WriteAsync(buffer.WrittenMemory, context.RequestAborted).AsTask();
    }
}
