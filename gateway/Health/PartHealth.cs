namespace OrgGateway.Health;

/// <param name="Text">What <c>/health/ready</c> says of it: <c>ok</c>, <c>unavailable</c>, <c>unknown</c> or the like; no names, no addresses.</param>
/// <param name="Degrades">Whether the replica as a whole is degraded by it.</param>
public sealed record PartHealth(string Text, bool Degrades)
{
    public static readonly PartHealth Ok = new("ok", false);

    /// <summary>Not asked yet.</summary>
    public static readonly PartHealth Unknown = new("unknown", false);
}
