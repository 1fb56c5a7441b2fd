namespace OrgGateway.Revocation;

/// <summary>How long revocations are remembered for tokens, and how long the list of them counts.</summary>
/// <param name="Keep">The longest life of a token of any issuer, skew included; zero where no issuer is trusted.</param>
/// <param name="CopyFor">After which the list is read again, as <c>Sessions:CopyFor</c>.</param>
/// <param name="OutageGrace">How much longer it counts while the store cannot be read, as <c>Sessions:OutageGrace</c>.</param>
public sealed record TokenCutoffLife(TimeSpan Keep, TimeSpan CopyFor, TimeSpan OutageGrace)
{
    /// <summary>Most revocations remembered in process.</summary>
    public int Most { get; init; } = 100_000;
}
