namespace OrgGateway.OrgTokens;

/// <summary>Holds the settings in force; a reload replaces them in one write.</summary>
public sealed class CurrentOrganizationTokensOptions(OrganizationTokensOptions first)
{
    private volatile OrganizationTokensOptions _value = first;

    public OrganizationTokensOptions Value
    {
        get => _value;
        set => _value = value;
    }
}
