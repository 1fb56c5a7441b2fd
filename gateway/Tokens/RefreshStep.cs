using OrgGateway.Sessions;

namespace OrgGateway.Tokens;

/// <summary>How far one turn at a refresh came.</summary>
internal abstract record RefreshStep
{
    private RefreshStep()
    {
    }

    public sealed record Done(FreshSession Outcome) : RefreshStep;

    /// <summary>Somebody else wrote in between.</summary>
    public sealed record Again : RefreshStep;

    /// <summary>A process that holds the lease no more began to present the token; it may still be alive, and slow.</summary>
    public sealed record Orphaned(RefreshMark Mark) : RefreshStep;

    /// <summary>The outcome is known to this process and has yet to be written down.</summary>
    public sealed record Unwritten : RefreshStep;
}
