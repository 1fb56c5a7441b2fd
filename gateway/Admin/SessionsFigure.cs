using OrgGateway.Sessions;

namespace OrgGateway.Admin;

public sealed class SessionsFigure(SessionDirectory directory) : IOverviewFigure
{
    public string Name => "sessions, all replicas";

    public ValueTask<long?> ReadAsync(CancellationToken cancellationToken) => directory.CountAsync(cancellationToken);
}
