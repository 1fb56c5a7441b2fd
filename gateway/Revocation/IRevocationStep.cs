namespace OrgGateway.Revocation;

/// <summary>What a revocation changes in the store besides sessions. Whoever revokes does it, so that it holds whether or not anybody hears the message.</summary>
public interface IRevocationStep
{
    /// <summary>May be asked again with the same revocation.</summary>
    /// <returns>False where the store did not take all of it: the revocation then counts as unfinished and is tried again.</returns>
    ValueTask<bool> CarryOutAsync(Revocation revocation);
}
