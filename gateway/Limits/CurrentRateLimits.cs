namespace OrgGateway.Limits;

/// <summary>The limits in force, by name; a reload replaces them in one write.</summary>
public sealed class CurrentRateLimits(IReadOnlyDictionary<string, RateLimit> first)
{
    private volatile IReadOnlyDictionary<string, RateLimit> _value = first;

    public IReadOnlyDictionary<string, RateLimit> Value
    {
        get => _value;
        set => _value = value;
    }
}
