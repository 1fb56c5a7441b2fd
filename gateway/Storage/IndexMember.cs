namespace OrgGateway.Storage;

/// <summary>A member of an index and when it ends.</summary>
public readonly record struct IndexMember(string Name, DateTimeOffset Expires);
