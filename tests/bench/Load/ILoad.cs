namespace OrgGateway.Bench.Load;

/// <summary>Sends one kind of traffic to a target for a while.</summary>
public interface ILoad
{
    Task<LoadReport> RunAsync(Target target, string cookie, int seconds, int connections);
}
