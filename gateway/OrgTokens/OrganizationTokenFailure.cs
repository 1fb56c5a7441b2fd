namespace OrgGateway.OrgTokens;

/// <summary>A mint that failed, as told to the other replicas: none of them tries before <see cref="Until"/>.</summary>
public sealed record OrganizationTokenFailure(string Reason, DateTimeOffset At, DateTimeOffset Until)
{
    public string? Settings { get; init; }
}
