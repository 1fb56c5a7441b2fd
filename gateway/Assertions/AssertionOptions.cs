using OrgGateway.Configuration;

namespace OrgGateway.Assertions;

/// <summary><c>Gateway:Assertion</c>.</summary>
public sealed class AssertionOptions
{
    /// <summary>How long an assertion is valid. 5 to 60 seconds; default 60 seconds.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(1);

    public void Check(Faults faults) => faults.Range("Gateway:Assertion:Lifetime", Lifetime, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));
}
