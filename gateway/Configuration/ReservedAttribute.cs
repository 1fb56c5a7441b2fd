namespace OrgGateway.Configuration;

/// <summary>Setting names that the contract knows and this version does not act on: accepted with a warning, never a silent no-op.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReservedAttribute(params string[] names) : Attribute
{
    public IReadOnlyList<string> Names { get; } = names;
}
