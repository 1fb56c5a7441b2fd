using OrgGateway.Access;

namespace OrgGateway.Replay;

/// <summary>That a request may be sent once more, and on what signs; travels with the outgoing message.</summary>
public sealed record ReplayPlan(string RouteId, InjectedToken Token, GraphQlCodes? GraphQl)
{
    public static readonly HttpRequestOptionsKey<ReplayPlan> OptionsKey = new("orggateway.replay");

    public override string ToString() => $"replay of route {RouteId} (token hidden)";
}
