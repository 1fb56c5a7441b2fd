namespace OrgGateway.Admin;

/// <summary>A number on the console's first page.</summary>
public interface IOverviewFigure
{
    string Name { get; }

    /// <returns>Null where it cannot be known right now.</returns>
    ValueTask<long?> ReadAsync(CancellationToken cancellationToken);
}
