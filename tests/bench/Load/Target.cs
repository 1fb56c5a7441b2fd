namespace OrgGateway.Bench.Load;

/// <summary>A proxy that is measured.</summary>
public sealed record Target(string Name, Uri Url, int ProcessId);
