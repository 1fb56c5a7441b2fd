namespace OrgGateway.Access;

/// <summary>What may prove on a route who calls: the route's <c>Credentials</c>. What is not listed is not looked at.</summary>
[Flags]
public enum CredentialKinds
{
    None = 0,
    Session = 1,
    Bearer = 2,
    ApiKey = 4,
}
