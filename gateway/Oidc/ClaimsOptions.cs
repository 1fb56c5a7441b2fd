using OrgGateway.Configuration;

namespace OrgGateway.Oidc;

/// <summary>Where a provider's claims hold what the gateway needs: each a JSON Pointer (RFC 6901), or a claim's literal name.</summary>
public sealed class ClaimsOptions
{
    public string Email { get; init; } = "/email";
    public string Name { get; init; } = "/name";
    public OrganizationClaimsOptions Organizations { get; init; } = new();

    public void Check(string path, Faults faults)
    {
        ClaimPath.Check(path + ":Email", Email, faults);
        ClaimPath.Check(path + ":Name", Name, faults);
        Organizations.Check(path + ":Organizations", faults);
    }
}
