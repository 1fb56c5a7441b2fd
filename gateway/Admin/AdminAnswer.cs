using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrgGateway.Answers;

namespace OrgGateway.Admin;

/// <summary>Answers of <c>/admin/v1</c>: JSON, and problem+json as everywhere.</summary>
public static class AdminAnswer
{
    private const int LargestPage = 500;
    private const int MostSkipped = int.MaxValue - LargestPage; // the next page's number is still one
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static readonly Problem Unauthenticated = new(401, "unauthenticated", "Admin credential required", "Authorization: Bearer <Gateway:Management:Token>") { Challenge = "Bearer" };
    public static readonly Problem Limited = new(429, "too_many_failures", "Too many wrong tokens from this address") { RetryAfterSeconds = (int)FailureLimit.Window.TotalSeconds };
    public static readonly Problem StoreDown = new(503, "store_unavailable", "The store does not answer") { RetryAfterSeconds = 5 };

    public static Problem Bad(string parameter, string what) => new(400, "invalid_parameter", "A parameter is missing or wrong", $"{parameter}: {what}");

    public static Problem Unknown(string what) => new(404, "not_found", $"No such {what}");

    public static Task OkAsync<T>(HttpContext context, T value, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(value, Json, "application/json", context.RequestAborted);
    }

    public static Task ProblemAsync(HttpContext context, Problem problem)
    {
        var response = context.Response;
        response.StatusCode = problem.Status;
        if (problem.Challenge is not null)
            response.Headers.WWWAuthenticate = problem.Challenge;
        if (problem.Allow is not null)
            response.Headers.Allow = problem.Allow;
        if (problem.RetryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        var body = new { type = "urn:orggateway:" + problem.Code, title = problem.Title, status = problem.Status, detail = problem.Detail, code = problem.Code, requestId = context.TraceIdentifier };
        return response.WriteAsJsonAsync(body, Json, "application/problem+json", context.RequestAborted);
    }

    /// <summary>Reads <c>skip</c> and <c>limit</c>; null after the fault was answered.</summary>
    public static async Task<(int Skip, int Limit)?> PageOfAsync(HttpContext context)
    {
        if (!TryNumber(context, "skip", 0, 0, MostSkipped, out var skip))
            await ProblemAsync(context, Bad("skip", $"a whole number, 0 to {MostSkipped}"));
        else if (!TryNumber(context, "limit", 100, 1, LargestPage, out var limit))
            await ProblemAsync(context, Bad("limit", $"a whole number, 1 to {LargestPage}"));
        else
            return (skip, limit);
        return null;
    }

    public static string? Query(HttpContext context, string name) => context.Request.Query[name] is { Count: > 0 } values && values[0] is { Length: > 0 } value ? value : null;

    private static bool TryNumber(HttpContext context, string name, int standard, int least, int most, out int number)
    {
        number = standard;
        return Query(context, name) is not { } text
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most);
    }
}
