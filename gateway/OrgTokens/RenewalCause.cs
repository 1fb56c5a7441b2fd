namespace OrgGateway.OrgTokens;

/// <summary>Why a token is looked for: which one will not do, and since when a new one counts.</summary>
/// <param name="Superseded">Due for renewal here, or refused by an upstream; null when there is none yet.</param>
/// <param name="MintedSince">Set when somebody asked for a new one whatever there is.</param>
internal readonly record struct RenewalCause(string? Superseded, DateTimeOffset MintedSince)
{
    /// <summary>An upstream refused it: its refresh token is as dead, and the secret is asked at once.</summary>
    public bool Rejected { get; init; }

    public bool IsForced => MintedSince != default;

    public bool IsServedBy(OrganizationToken token) => token.Value != Superseded && token.Minted >= MintedSince;
}
