using OrgGateway.Storage;

namespace OrgGateway.Sessions;

/// <summary>
/// Which sessions there are, by subject, by the provider's session, by organization and all of them: what revocation and listing
/// find them by. Index names are hashes of what they are about and members are hashes of ids, so nothing in the store says whose
/// a session is. An entry is written before the record it points at, and one that points at nothing is removed by who meets it.
/// </summary>
public sealed class SessionDirectory(IStore store, SessionOptions options, TimeProvider clock)
{
    /// <summary>Every session, those used last first: a member's end is the time it was last seen and <see cref="Slack"/>.</summary>
    public static readonly StoreKey All = StoreKey.Of("sessions", "all");

    public static StoreKey OfSubject(string issuer, string subject) => StoreKey.Of("sessions", "subject", issuer, subject);

    public static StoreKey OfProviderSession(string issuer, string sid) => StoreKey.Of("sessions", "sid", issuer, sid);

    /// <summary>By an address the provider vouches for; by any case of it.</summary>
    public static StoreKey OfEmail(string issuer, string email) => StoreKey.Of("sessions", "email", issuer, email.ToLowerInvariant());

    /// <param name="orgId">As resolved for the session, never a slug.</param>
    public static StoreKey OfOrganization(string orgId) => StoreKey.Of("sessions", "org", orgId);

    /// <summary>How long the store keeps a session after it was last seen: requests that a copy answered, and steps not taken, must not count as idleness.</summary>
    public TimeSpan Slack => options.IdleTimeout + options.CopyLife + (options.IdleTimeout / 24);

    /// <returns><c>Unavailable</c> unless every entry stands: a session that no revocation can find must not come to be.</returns>
    public Task<StoreWrite> AddAsync(Session session) => WriteAsync(
        IndexesOf(session).Select(index => store.AddToIndexAsync(index, session.Id.ToString(), session.Record.Ends, CancellationToken.None).AsTask())
            .Append(SeenAsync(session.Id).AsTask()));

    public ValueTask<StoreWrite> SeenAsync(SessionId id) => store.AddToIndexAsync(All, id.ToString(), clock.GetUtcNow() + Slack, CancellationToken.None);

    public Task<StoreWrite> RemoveAsync(Session session) => WriteAsync(
        IndexesOf(session).Append(All).Select(index => store.RemoveFromIndexAsync(index, session.Id.ToString(), CancellationToken.None).AsTask()));

    public ValueTask<StoreWrite> RemoveAsync(StoreKey index, SessionId id) => store.RemoveFromIndexAsync(index, id.ToString(), CancellationToken.None);

    /// <returns>Entries that cannot be ids are left out.</returns>
    public async ValueTask<StoreRead<(SessionId Id, DateTimeOffset Seen)[]>> ReadAsync(StoreKey index, int skip, int limit, CancellationToken cancellationToken)
    {
        var read = await store.ReadIndexPageAsync(index, skip, limit, cancellationToken);
        return read.Value is not { } members
            ? new(read.Status, null)
            : StoreRead<(SessionId, DateTimeOffset)[]>.Found([.. members.Select(m => (IsId: SessionId.TryParse(m.Name, out var id), id, m.Expires - Slack)).Where(m => m.IsId).Select(m => (m.id, m.Item3))]);
    }

    /// <returns>Null when the store is unavailable.</returns>
    public ValueTask<long?> CountAsync(CancellationToken cancellationToken) => store.CountIndexAsync(All, cancellationToken);

    private static IEnumerable<StoreKey> IndexesOf(Session session)
    {
        var record = session.Record;
        yield return OfSubject(record.Issuer, record.Subject);
        if (record.ProviderSession is { } sid)
            yield return OfProviderSession(record.Issuer, sid);
        if (record is { EmailVerified: true, Email: { } email })
            yield return OfEmail(record.Issuer, email);
        foreach (var organization in session.Organizations.All)
            yield return OfOrganization(organization.Id);
    }

    private static async Task<StoreWrite> WriteAsync(IEnumerable<Task<StoreWrite>> writes) =>
        (await Task.WhenAll(writes)).Contains(StoreWrite.Unavailable) ? StoreWrite.Unavailable : StoreWrite.Done;
}
