using OrgGateway.Access;

namespace OrgGateway.Hosting;

/// <summary>The route policies in force. YARP builds its endpoints anew after a reload and takes them from here.</summary>
public sealed class CurrentPolicies(IReadOnlyDictionary<string, RoutePolicy> first)
{
    private volatile IReadOnlyDictionary<string, RoutePolicy> _value = first;

    public IReadOnlyDictionary<string, RoutePolicy> Value
    {
        get => _value;
        set => _value = value;
    }
}
