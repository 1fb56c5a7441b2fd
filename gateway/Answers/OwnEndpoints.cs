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
        // Without methods of its own it stands behind the one above, and takes whatever that does not.
        var refused = Problem.MethodRefused with { Allow = string.Join(", ", methods) };
        endpoints.Map(path, (RequestDelegate)(context => answer.WriteAsync(context, refused)));
    }
}
