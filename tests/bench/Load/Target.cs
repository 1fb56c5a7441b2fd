namespace OrgGateway.Bench.Load;

/// <summary>A proxy that is measured.</summary>
/// <param name="Header">The credential, as a whole header line; null: the session's cookie.</param>
/// <param name="Metrics">Where its runtime's counters are read; null: nowhere.</param>
/// <param name="Tokens">In place of one header: another token for every request.</param>
/// <param name="Path">Null: <see cref="GatewayConfiguration.Path"/>.</param>
public sealed record Target(string Name, Uri Url, int ProcessId, Uri? Metrics, string? Header = null, string? Path = null, FreshTokens? Tokens = null)
{
    /// <summary>How it is asked.</summary>
    public ILoad Load { get; init; } = new Wrk();

    public bool IsGateway => Name.StartsWith("gateway", StringComparison.Ordinal);
}
