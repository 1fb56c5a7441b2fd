namespace OrgGateway.Replay;

public enum GraphQlJudgement
{
    /// <summary>Not enough was read.</summary>
    Unclear,

    /// <summary>No data and an error that says the credential is dead: nothing was done, and another token may do.</summary>
    CredentialError,
    Other,
}
