using OrgGateway.Access;
using OrgGateway.Replay;

namespace OrgGateway.Proxy;

/// <summary>A permitted request on its way: the permit, and the token its route asks for.</summary>
public sealed record Forwarding(Permit Permit, InjectedToken? Token)
{
    public override string ToString() => $"route {Permit.Policy.RouteId} (token hidden)";
}
