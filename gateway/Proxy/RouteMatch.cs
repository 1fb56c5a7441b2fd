namespace OrgGateway.Proxy;

/// <summary>The gateway's own routing, run on a request that nobody made: sets the endpoint and the route values, and calls nobody.</summary>
public sealed class RouteMatch
{
    private RequestDelegate? _match;

    /// <param name="app">With every endpoint mapped: their sources are read anew after each reload.</param>
    public void Use(WebApplication app)
    {
        var branch = ((IApplicationBuilder)app).New();
        branch.UseRouting();
        branch.Use((HttpContext _, RequestDelegate _) => Task.CompletedTask); // matched: no endpoint is ever run from here
        branch.UseEndpoints(endpoints =>
        {
            foreach (var source in ((IEndpointRouteBuilder)app).DataSources)
                endpoints.DataSources.Add(source);
        });
        _match = branch.Build();
    }

    public Task InvokeAsync(HttpContext context) => (_match ?? throw new InvalidOperationException("routes are not mapped yet"))(context);
}
