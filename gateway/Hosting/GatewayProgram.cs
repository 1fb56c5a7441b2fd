namespace OrgGateway.Hosting;

/// <summary>The gateway's command line as a call.</summary>
public static class GatewayProgram
{
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        _ = args;
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }
}
