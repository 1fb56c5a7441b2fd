namespace OrgGateway.Bench.Load;

/// <summary>The median: one slice that something else disturbed does not move it.</summary>
public static class Middle
{
    /// <param name="values">At least one.</param>
    public static double Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
