using System.Net;
using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace OrgGateway.Sockets;

/// <summary>
/// How sockets reach their upstream: by an HTTP/1.1 upgrade, since the proxy's usual first try, HTTP/2 CONNECT, meets upstreams
/// that route GET alone; and without the time limit of plain requests, at which every idle socket would die.
/// </summary>
public sealed class UpstreamOfSockets(SocketOptions options)
{
    private readonly ConditionalWeakTable<ClusterModel, ClusterModel> _clusters = [];

    public void Choose(HttpContext context)
    {
        var feature = context.GetReverseProxyFeature();
        context.Features.Set<IReverseProxyFeature>(new Chosen(feature, _clusters.GetValue(feature.Cluster, OfCluster)));
    }

    private ClusterModel OfCluster(ClusterModel cluster)
    {
        var request = cluster.Config.HttpRequest ?? ForwarderRequestConfig.Empty;
        // A cluster that is HTTP/2 and nothing else says so.
        var isHttp2Only = request is { Version.Major: 2, VersionPolicy: HttpVersionPolicy.RequestVersionExact or HttpVersionPolicy.RequestVersionOrHigher };
        request = request with { ActivityTimeout = options.IdleTimeout };
        if (!isHttp2Only)
            request = request with { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        return new ClusterModel(cluster.Config with { HttpRequest = request }, cluster.HttpClient);
    }

    private sealed class Chosen(IReverseProxyFeature feature, ClusterModel cluster) : IReverseProxyFeature
    {
        public RouteModel Route => feature.Route;
        public ClusterModel Cluster => cluster;
        public IReadOnlyList<DestinationState> AllDestinations => feature.AllDestinations;
        public IReadOnlyList<DestinationState> AvailableDestinations { get => feature.AvailableDestinations; set => feature.AvailableDestinations = value; }
        public DestinationState? ProxiedDestination { get => feature.ProxiedDestination; set => feature.ProxiedDestination = value; }
    }
}
