using OrgGateway.Replay;
using OrgGateway.OrgTokens;
using Yarp.ReverseProxy.Transforms;

namespace OrgGateway.Proxy;

/// <summary>Says how a response came by its token, where the configuration asks for it (K30): a name, never a time that tells of others.</summary>
public sealed class TokenTiming(CurrentOrganizationTokensOptions options) : ResponseTransform
{
    public override ValueTask ApplyAsync(ResponseTransformContext context)
    {
        if (options.Value.ServerTiming && context.ProxyResponse is not null && context.HttpContext.Features.Get<Forwarding>()?.Token is { } token)
            context.HttpContext.Response.Headers.Append("Server-Timing", token.Path switch
            {
                TokenPath.Cache => "gw-token;desc=\"cached\"",
                TokenPath.Mint => "gw-token;desc=\"minted\"",
                _ => "gw-token;desc=\"replayed\"",
            });
        return ValueTask.CompletedTask;
    }
}
