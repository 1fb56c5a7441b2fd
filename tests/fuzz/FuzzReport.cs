using System.Globalization;

namespace OrgGateway.Tests.Fuzz;

/// <summary>What a run has found.</summary>
internal sealed record FuzzReport(string Target, long Inputs, TimeSpan Took, long Accepted, int Kinds, int Seed, IReadOnlyList<FuzzFailure> Failures)
{
    public string Row() => string.Create(
        CultureInfo.InvariantCulture, $"{Target,-16} {Inputs,10} {Inputs / Math.Max(Took.TotalSeconds, 0.001),10:0} {Accepted,10} {Kinds,9} {Failures.Count,9}   seed {Seed}");
}
