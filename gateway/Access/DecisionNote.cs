namespace OrgGateway.Access;

/// <summary>Where somebody waits to be told why a request was decided as it was; on requests of callers there is none.</summary>
public sealed class DecisionNote
{
    public string? Rule { get; set; }
    public string? Code { get; set; }
}
