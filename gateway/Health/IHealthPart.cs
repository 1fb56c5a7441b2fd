namespace OrgGateway.Health;

/// <summary>One dependency or duty that readiness reports.</summary>
public interface IHealthPart
{
    /// <summary>Key under <c>parts</c>, such as <c>store</c>.</summary>
    string Name { get; }

    /// <summary>How it stands, from what is known already: a probe asks nobody and waits for nothing.</summary>
    PartHealth Now { get; }
}
