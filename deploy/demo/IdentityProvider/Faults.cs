using System.Globalization;

namespace OrgGateway.Demo.IdentityProvider;

/// <summary>Faults to inject while the provider runs; null is a healthy endpoint.</summary>
public sealed class Faults
{
    public EndpointFault? Discovery { get; set; }

    public EndpointFault? Jwks { get; set; }

    public EndpointFault? Token { get; set; }

    public EndpointFault? UserInfo { get; set; }

    /// <summary>Error codes for refreshes that ask for an organization, by its id: <c>sso_required</c> and the like. The refresh token stays good.</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, string> RefreshErrors { get; } = new(StringComparer.Ordinal);

    /// <summary>The organization that refreshes answer for, whichever is asked for.</summary>
    public string? RefreshesFor { get; set; }

    internal static RequestDelegate Before(RequestDelegate endpoint, Func<EndpointFault?> fault, Counter calls, TimeProvider clock) =>
        async context =>
        {
            calls.Increment();
            if (fault() is { } injected && injected.Take() && await SpoilAsync(injected, context, clock))
                return;
            await endpoint(context);
        };

    private static async Task<bool> SpoilAsync(EndpointFault fault, HttpContext context, TimeProvider clock)
    {
        var delay = fault.Hangs ? Timeout.InfiniteTimeSpan : fault.Delay;
        await Task.Delay(delay, clock, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (context.RequestAborted.IsCancellationRequested)
            return true;
        if (fault.Breaks)
        {
            context.Abort();
            return true;
        }
        if (fault.Status is not { } status)
            return false;
        context.Response.StatusCode = status;
        if (fault.RetryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(fault.Body, context.RequestAborted);
        return true;
    }
}
