namespace OrgGateway.Tests.Fuzz;

/// <summary>All targets, the cheap ones first.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All(FuzzServers servers)
    {
        FuzzTarget[] requests = [new EndpointsTarget(servers.Gateway), new InletsTarget(servers.Gateway), new ForwardAuthTarget(servers.Gateway), new ProxiedTarget(servers.Gateway)];
        return
        [
            new CookieTarget(), new LoginCookieTarget(), new PathTarget(), new NextTarget(), new CallbackTarget(), new HeadersTarget(), new HeaderTextTarget(), new CredentialsTarget(),
            new JwsTarget(), new JwksTarget(), new MetadataTarget(), new IdTokenTarget(), new LogoutTokenTarget(), new EventTarget(), new ClaimsTarget(), new GraphQlTarget(),
            new FramesTarget(), new SocketStreamTarget(), new ConfigurationTarget(), .. requests, new GatewayWireTarget(servers.Wire, requests), new AdminTarget(servers.Wire),
        ];
    }
}
