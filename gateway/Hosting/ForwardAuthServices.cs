using Microsoft.AspNetCore.Http.Features;
using OrgGateway.Configuration;
using OrgGateway.ForwardAuth;

namespace OrgGateway.Hosting;

/// <summary>The gateway as the one that other proxies ask.</summary>
public static class ForwardAuthServices
{
    public static void Add(IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(new TrustedPeers(options.TrustedProxies)).AddSingleton<VerifyEndpoint>();

    public static void Map(WebApplication app)
    {
        var verify = app.Services.GetRequiredService<VerifyEndpoint>();
        var path = app.Services.GetRequiredService<Site>().AuthPath + VerifyEndpoint.Path;
        app.Map(path, context => verify.InvokeAsync(context, ""));
        // The path behind it as it was sent, not as routing decoded it.
        app.Map(path + "/{**original}", context => verify.InvokeAsync(context, RawBehind(context, path)));
    }

    private static string RawBehind(HttpContext context, string path)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var raw = question < 0 ? target : target[..question];
        return raw.StartsWith(path, StringComparison.OrdinalIgnoreCase) ? raw[path.Length..] : "";
    }
}
