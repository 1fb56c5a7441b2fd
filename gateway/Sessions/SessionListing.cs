using OrgGateway.Orgs;
using OrgGateway.Storage;

namespace OrgGateway.Sessions;

/// <summary>A session as operators see it: no token, and no cookie can be made of it.</summary>
/// <param name="Id">Hash of the id in the cookie; what revocations name it by.</param>
/// <param name="LastSeen">To a twenty-fourth of the idle timeout; only in the list of all sessions.</param>
public sealed record SessionSummary(
    string Id, string Provider, string Issuer, string Subject, string? Email, string? Name, string? ProviderSession, IReadOnlyList<SessionOrganization> Organizations,
    DateTimeOffset SignedIn, DateTimeOffset? LastSeen, DateTimeOffset Ends);

public sealed record SessionOrganization(string Id, string Slug, IReadOnlyList<string> Roles);

/// <param name="Next">Skip of the next page; null where this is the last.</param>
public sealed record SessionPage(IReadOnlyList<SessionSummary> Sessions, int? Next);

/// <summary>Sessions in pages, those used last first. Entries whose session is gone are removed on the way.</summary>
public sealed class SessionListing(SessionStore sessions, SessionDirectory directory, CurrentCatalog catalog)
{
    public const int LargestPage = 500;
    private static readonly ParallelOptions AtOnce = new() { MaxDegreeOfParallelism = 32 };

    public Task<SessionPage?> AllAsync(int skip, int limit, CancellationToken cancellationToken) => ReadAsync(SessionDirectory.All, skip, limit, cancellationToken);

    public Task<SessionPage?> OfSubjectAsync(string issuer, string subject, int skip, int limit, CancellationToken cancellationToken) =>
        ReadAsync(SessionDirectory.OfSubject(issuer, subject), skip, limit, cancellationToken);

    public Task<SessionPage?> OfOrganizationAsync(string orgId, int skip, int limit, CancellationToken cancellationToken) =>
        ReadAsync(SessionDirectory.OfOrganization(orgId), skip, limit, cancellationToken);

    /// <summary>Who has signed in with an address that the provider vouches for.</summary>
    /// <returns>Null when the store is unavailable.</returns>
    public async Task<IReadOnlyList<string>?> SubjectsOfEmailAsync(string issuer, string email, CancellationToken cancellationToken)
    {
        var subjects = new HashSet<string>(StringComparer.Ordinal);
        for (int? skip = 0; skip is not null;)
        {
            if (await ReadAsync(SessionDirectory.OfEmail(issuer, email), skip.Value, LargestPage, cancellationToken) is not { } page)
                return null;
            // The address may have become another's since.
            subjects.UnionWith(page.Sessions.Where(s => string.Equals(s.Email, email, StringComparison.OrdinalIgnoreCase)).Select(s => s.Subject));
            skip = page.Next;
        }
        return [.. subjects];
    }

    /// <returns>Null when the store is unavailable.</returns>
    private async Task<SessionPage?> ReadAsync(StoreKey index, int skip, int limit, CancellationToken cancellationToken)
    {
        var size = Math.Clamp(limit, 1, LargestPage);
        var page = await directory.ReadAsync(index, Math.Max(skip, 0), size, cancellationToken);
        if (page.Status == StoreStatus.Unavailable)
            return null;
        var entries = page.Value ?? [];
        var found = new SessionSummary?[entries.Length];
        var (removed, failed) = (0, 0);
        await Parallel.ForEachAsync(Enumerable.Range(0, entries.Length), AtOnce, async (i, _) =>
        {
            var (id, seen) = entries[i];
            var read = await sessions.ReadAsync(id, cancellationToken);
            if (read.Status == StoreStatus.Unavailable)
                Interlocked.Increment(ref failed);
            else if (read.Value is { } stored)
                found[i] = Summary(new Session(id, stored.Value, catalog.Value), index == SessionDirectory.All ? seen : null);
            else if (await directory.RemoveAsync(index, id) == StoreWrite.Done)
                Interlocked.Increment(ref removed);
        });
        return failed > 0 ? null : new([.. found.OfType<SessionSummary>()], entries.Length < size ? null : skip + size - removed);
    }

    private static SessionSummary Summary(Session session, DateTimeOffset? seen) => new(
        session.Id.ToString(), session.Record.Provider, session.Record.Issuer, session.Record.Subject, session.Record.Email, session.Record.Name, session.Record.ProviderSession,
        [.. session.Organizations.All.Select(o => new SessionOrganization(o.Id, o.Slug, o.Roles))], session.Record.SignedIn, seen, session.Record.Ends);
}
