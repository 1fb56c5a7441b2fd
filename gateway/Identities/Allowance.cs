namespace OrgGateway.Identities;

/// <summary>What one caller may use, besides the limits of routes.</summary>
/// <param name="IsBudget">In a period that begins with its first use, rather than in a sliding window.</param>
public sealed record Allowance(int Limit, TimeSpan Window, bool IsBudget);
