namespace OrgGateway.Tokens;

/// <summary>What a token says of one organization.</summary>
public enum OrganizationWord
{
    /// <summary>Nothing, of this or any other organization.</summary>
    None,

    /// <summary>It is for another one.</summary>
    Another,

    /// <summary>It names this one among others.</summary>
    Among,

    /// <summary>It is for this one.</summary>
    Alone,
}
