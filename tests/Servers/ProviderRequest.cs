namespace OrgGateway.Tests.Servers;

/// <summary>A request as a provider got it.</summary>
/// <param name="Query">With its question mark; empty without one.</param>
/// <param name="Form">Every value of every field.</param>
public sealed record ProviderRequest(string Method, string Query, string? Authorization, IReadOnlyDictionary<string, string[]> Form)
{
    /// <summary>The DPoP header.</summary>
    public string? Proof { get; init; }

    /// <summary>The value of a field that was sent once at most; null when it was not sent.</summary>
    public string? Field(string name) => Form.TryGetValue(name, out var values) ? values.Single() : null;
}
