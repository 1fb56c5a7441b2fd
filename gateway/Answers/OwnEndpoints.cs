using Microsoft.AspNetCore.Routing;

namespace OrgGateway.Answers;

/// <summary>Maps the gateway's own endpoints: a method that one of them does not have is 405 with Allow (RFC 9110 §15.5.6), not a path that is missing.</summary>
public static class OwnEndpoints
{
    /// <summary>What only reads is also there for HEAD (RFC 9110 §9.3.2); the server leaves the body out.</summary>
    public static readonly string[] Read = ["GET", "HEAD"];

    public static readonly string[] GetOrPost = ["GET", "POST"];

    public static readonly string[] Post = ["POST"];

    public static void MapOwn(this IEndpointRouteBuilder endpoints, string path, string[] methods, ProblemAnswer answer, RequestDelegate endpoint)
    {
        endpoints.MapMethods(path, methods, endpoint);
        Refuse(endpoints, path, methods, answer.WriteAsync);
    }

    /// <summary>The same, after the fact, for all that a group has by now, however many endpoints share a path.</summary>
    public static void RefuseOtherMethods(this RouteGroupBuilder group, Func<HttpContext, Problem, Task> answer)
    {
        var mapped = ((IEndpointRouteBuilder)group).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>() is not null)
            .GroupBy(endpoint => endpoint.RoutePattern.RawText!, endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
            .ToList();
        foreach (var path in mapped)
            Refuse(group, path.Key, path.SelectMany(methods => methods), answer);
    }

    // Without methods of its own it stands behind those that have some, and takes whatever they do not.
    private static void Refuse(IEndpointRouteBuilder endpoints, string path, IEnumerable<string> methods, Func<HttpContext, Problem, Task> answer)
    {
        var refused = Problem.MethodRefused with { Allow = string.Join(", ", methods) };
        endpoints.Map(path, (RequestDelegate)(context => answer(context, refused)));
    }
}
