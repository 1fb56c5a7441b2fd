using OrgGateway.Access;

namespace OrgGateway.Proxy;

/// <summary>A permitted request on its way: the permit, and the token its route asks for, already with its scheme.</summary>
public sealed record Forwarding(Permit Permit, string? Token)
{
    public override string ToString() => $"route {Permit.Policy.RouteId} (token hidden)";
}
