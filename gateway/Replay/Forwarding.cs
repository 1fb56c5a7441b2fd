using OrgGateway.Access;

namespace OrgGateway.Replay;

/// <summary>A permitted request on its way: the permit, and the token its route asks for.</summary>
public sealed record Forwarding(Permit Permit, InjectedToken? Token)
{
    /// <summary>Whether it is sent once more where the upstream refuses its token.</summary>
    public bool MayReplay => Permit.Policy.Replay && Token is { CanBeRenewed: true };

    public override string ToString() => $"route {Permit.Policy.RouteId} (token hidden)";
}
