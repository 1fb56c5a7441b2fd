using OrgGateway.Access;

namespace OrgGateway.Explain;

/// <summary>Finds what the gateway knows of a subject without the subject being there.</summary>
public interface IExplainedSubjects
{
    /// <param name="user">Subject, or e-mail address.</param>
    ValueTask<ExplainedSubject> FindAsync(string user, CancellationToken cancellationToken);
}

/// <param name="KnownFrom"><c>session</c>, <c>configuration</c> or <c>unknown</c>.</param>
public sealed record ExplainedSubject(Caller Caller, string KnownFrom);
