namespace OrgGateway.Tests.Inlets;

/// <summary>The tests of the inlets share their servers and so run one after the other.</summary>
[CollectionDefinition(ThreeReplicas.Collection)]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1711", Justification = "xUnit calls it so.")]
public sealed class ThreeReplicasCollection : ICollectionFixture<ThreeReplicas>;
