namespace OrgGateway.Orgs;

/// <summary>Holds the catalog in force; a reload replaces it in one write.</summary>
public sealed class CurrentCatalog(OrganizationCatalog first)
{
    private volatile OrganizationCatalog _value = first;

    public OrganizationCatalog Value
    {
        get => _value;
        set => _value = value;
    }
}
