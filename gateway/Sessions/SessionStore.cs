using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using OrgGateway.Audit;
using OrgGateway.Orgs;
using OrgGateway.Revocation;
using OrgGateway.Sealing;
using OrgGateway.Storage;
using OrgGateway.Telemetry;

namespace OrgGateway.Sessions;

/// <summary>Sessions: made at sign-in, read from this process's copy, ended everywhere at once.</summary>
public sealed class SessionStore
{
    private const string Channel = "sessions";
    private static readonly TimeSpan UnheardCopyFor = TimeSpan.FromSeconds(2);
    private readonly IStore _store;
    private readonly KeyRing _ring;
    private readonly Sealed<SessionRecord> _records;
    private readonly SessionCopies _copies;
    private readonly SessionDirectory _directory;
    private readonly UnfinishedRevocations _unfinished;
    private readonly Revocations _revocations;
    private readonly AuditTrail _audit;
    private readonly SessionOptions _options;
    private readonly CurrentCatalog _catalog;
    private readonly ISessionOrigins _origins;
    private readonly TimeProvider _clock;
    private readonly SteadyClock _steady;
    private readonly ILogger<SessionStore> _logger;
    private readonly ConcurrentDictionary<SessionId, TaskCompletionSource<SessionRead>> _reading = new();
    private long _askAgain; // a timestamp; 0 while the store answers

    public SessionStore(
        IStore store, KeyRing ring, SessionOptions options, SessionDirectory directory, UnfinishedRevocations unfinished, Revocations revocations, AuditTrail audit,
        CurrentCatalog catalog, ISessionOrigins origins, TimeProvider clock, SteadyClock steady, ILogger<SessionStore> logger)
    {
        (_store, _ring, _options, _catalog, _origins, _clock, _steady, _logger) = (store, ring, options, catalog, origins, clock, steady, logger);
        (_directory, _unfinished, _revocations, _audit) = (directory, unfinished, revocations, audit);
        _records = new(store, ring, SessionJson.Default.SessionRecord, "session");
        _copies = new(options.CopyLimit);
        store.Subscribe(Channel, Hear);
        unfinished.EndAsync = async (id, reason) => await TakeAsync(id, reason) is not null && await TellAsync(id, reason);
    }

    /// <summary>Copies in this process.</summary>
    public int CopyCount => _copies.Count;

    /// <summary>The session behind a cookie. Warm: one look-up in this process.</summary>
    public ValueTask<SessionRead> FindAsync(SessionId id, CancellationToken cancellationToken)
    {
        using var step = GatewayMeter.Activities.StartActivity("session.read"); // none but where somebody traces (S14)
        var now = _clock.GetUtcNow();
        var copy = _copies.Find(id);
        if (copy is not null && IsRecent(copy, now) && copy.Session.Catalog == _catalog.Value)
            return new(Judge(copy.Session, now));
        return copy is not null && !MayAsk() && FromOutage(copy, now) is { } known ? new(known) : new(ReadOnceAsync(id, cancellationToken));
    }

    /// <summary>Whether a request has come with this session to this process, and it lives.</summary>
    public bool IsInUse(SessionId id) => _copies.Find(id) is { Session.Ended: false };

    /// <summary>Whether the store can keep a session of this size; one that cannot be kept is not to be begun.</summary>
    public bool Fits(SessionRecord record) => _records.Fits(record);

    /// <returns>The new session and its cookie value, or null when the store is unavailable.</returns>
    public async Task<(Session Session, string Cookie)?> CreateAsync(SessionRecord record, CancellationToken cancellationToken)
    {
        var session = new Session(SessionId.New(out var cookie), record, _catalog.Value);
        cancellationToken.ThrowIfCancellationRequested();
        if (await _directory.AddAsync(session) != StoreWrite.Done
            || await _records.CreateAsync(KeyOf(session.Id), record, StoreEnd(record, _clock.GetUtcNow()), cancellationToken) != StoreWrite.Done)
            return null;
        return (session, cookie);
    }

    /// <summary>The record as the store has it now, past every copy; for whoever is about to change it.</summary>
    public ValueTask<StoreRead<Versioned<SessionRecord>>> ReadAsync(SessionId id, CancellationToken cancellationToken) => _records.ReadAsync(KeyOf(id), cancellationToken);

    /// <summary>Writes a changed record where <paramref name="version"/> still stands; <c>Refused</c> means it ended or another replica was first.</summary>
    public async ValueTask<StoreWrite> ReplaceAsync(SessionId id, byte[] version, SessionRecord record, CancellationToken cancellationToken)
    {
        // Once begun it is carried through: a caller that goes away must not leave replicas with what it has replaced.
        cancellationToken.ThrowIfCancellationRequested();
        var session = new Session(id, record, _catalog.Value);
        if (!HasIndexed(session) && await _directory.AddAsync(session) != StoreWrite.Done)
            return StoreWrite.Unavailable;
        var written = await _records.ReplaceAsync(KeyOf(id), version, record, StoreEnd(record, _clock.GetUtcNow()), CancellationToken.None);
        if (written == StoreWrite.Done)
        {
            Forget(id);
            await _store.PublishAsync(Channel, SessionMessage.Changed(id), CancellationToken.None);
        }
        return written;
    }

    /// <summary>As <see cref="ReplaceAsync"/>, for a note that no request needs to see: copies stay.</summary>
    public ValueTask<StoreWrite> NoteAsync(SessionId id, byte[] version, SessionRecord record) =>
        _records.ReplaceAsync(KeyOf(id), version, record, StoreEnd(record, _clock.GetUtcNow()), CancellationToken.None);

    /// <summary>Ends a session on every replica: here at once, in the store, and by message.</summary>
    /// <returns>False when the store is unavailable and other replicas may still know it; it is ended there as soon as the store answers.</returns>
    public async Task<bool> EndAsync(SessionId id, SessionEnd reason, CancellationToken cancellationToken)
    {
        // Once begun it is carried through: a browser that leaves while it signs out must not keep its session on other replicas.
        cancellationToken.ThrowIfCancellationRequested();
        return await EndAsync(id, reason.Reason()) is not null;
    }

    /// <returns>Whether there was such a session; null when the store is unavailable, which <see cref="UnfinishedRevocations"/> sees to.</returns>
    internal async Task<bool?> EndAsync(SessionId id, string reason)
    {
        var ended = await TakeAsync(id, reason);
        if (await TellAsync(id, reason) && ended is not null)
            return ended;
        _unfinished.Remember(id, reason);
        return null;
    }

    /// <summary>Removes a session's record and entries, and tells the copies, but not who holds sockets and tokens of it.</summary>
    /// <returns>Whether there was one; null when the store is unavailable.</returns>
    internal async Task<bool?> TakeAsync(SessionId id, string reason)
    {
        // The store first: a copy that is read again in between must find nothing.
        var taken = await _records.TakeAsync(KeyOf(id), CancellationToken.None);
        // Here also when the store did not answer: the copy would serve on for the whole grace.
        _copies.End(id, _clock.GetUtcNow());
        if (taken.Status == StoreStatus.Unavailable)
            return null;
        var told = await _store.PublishAsync(Channel, SessionMessage.Ended(id), CancellationToken.None);
        if (taken.Value is { Value: var record })
        {
            await _directory.RemoveAsync(new Session(id, record, _catalog.Value));
            _logger.SessionEnded(reason);
            SessionMetrics.Ended.Add(1, new KeyValuePair<string, object?>("reason", reason));
            _audit.Record(new(AuditNames.SessionEnded) { Reason = reason, Issuer = record.Issuer, Subject = record.Subject, Provider = record.Provider });
        }
        return told == StoreWrite.Unavailable ? null : taken.Value is not null;
    }

    /// <summary>Lets what waits in <see cref="UnfinishedRevocations"/> reach the copies of this process.</summary>
    internal void ApplyUnfinished()
    {
        foreach (var copy in _copies.All)
            ApplyUnfinished(copy);
    }

    // Many requests may meet a cold session at once (a restart, a page's first load): they share one read, which runs under
    // no single caller's cancellation.
    private async Task<SessionRead> ReadOnceAsync(SessionId id, CancellationToken cancellationToken)
    {
        var mine = new TaskCompletionSource<SessionRead>(TaskCreationOptions.RunContinuationsAsynchronously);
        var shared = _reading.GetOrAdd(id, mine);
        if (shared == mine)
            _ = CompleteAsync(id, mine);
        return await shared.Task.WaitAsync(cancellationToken);
    }

    private async Task CompleteAsync(SessionId id, TaskCompletionSource<SessionRead> mine)
    {
        try
        {
            var read = await LoadAsync(id);
            // Taken out by a change heard meanwhile: what was read may be older than the change, so the copy does not stay.
            if (!_reading.TryRemove(new(id, mine)))
                _copies.Forget(id);
            mine.SetResult(read);
        }
        catch (Exception exception)
        {
            _reading.TryRemove(new(id, mine));
            mine.SetException(exception);
        }
    }

    private async Task<SessionRead> LoadAsync(SessionId id)
    {
        var now = _clock.GetUtcNow();
        var known = _copies.Find(id);
        var read = await _records.ReadAsync(KeyOf(id), CancellationToken.None);
        Volatile.Write(ref _askAgain, read.Status == StoreStatus.Unavailable ? InASecond() : 0);
        if (read.Status == StoreStatus.Unavailable)
            return known is null ? SessionRead.Unavailable : FromOutage(known, now) ?? SessionRead.Unavailable;
        if (read.Value is not { } stored)
        {
            // Only what was known is remembered as ended: cookies of any random text cost no memory.
            if (known is not null)
                _copies.End(id, now);
            return SessionRead.None;
        }
        if (!_origins.Accepts(stored.Value))
        {
            _copies.Forget(id);
            _logger.ForeignSession(stored.Value.Provider);
            return SessionRead.None;
        }
        var version = MemoryMarshal.Read<UInt128>(stored.Version.AsSpan(stored.Version.Length - 16));
        var session = known is not null && known.Version == version && known.Session.Catalog == _catalog.Value
            ? known.Session
            : new Session(id, stored.Value, _catalog.Value);
        var extended = await ExtendAsync(id, stored, known?.ExtendedAt, now);
        var copy = new SessionCopy(session, version, now, extended);
        if (!_copies.Put(id, copy))
            return SessionRead.None;
        // After the copy is visible, as with ends: one that waits is seen here, one that comes later finds the copy.
        return Judge(_unfinished.Any ? ApplyUnfinished(copy) : session, now);
    }

    private Session ApplyUnfinished(SessionCopy copy)
    {
        var (id, record) = (copy.Session.Id, copy.Session.Record);
        var left = _unfinished.Apply(id, record);
        if (ReferenceEquals(left, record))
            return copy.Session;
        if (left is null)
        {
            _copies.End(id, _clock.GetUtcNow());
            copy.Drop(ended: true);
            return copy.Session;
        }
        var session = new Session(id, left, _catalog.Value);
        _copies.Put(id, copy with { Session = session });
        return session;
    }

    // A refresh that changes neither address nor organizations costs the indexes nothing.
    private bool HasIndexed(Session session) => _copies.Find(session.Id) is { Session.Record: var known } copy
        && known.Email == session.Record.Email && known.EmailVerified == session.Record.EmailVerified
        && session.Organizations.All.All(o => copy.Session.Organizations.All.Any(other => other.Id == o.Id));

    private async Task<bool> TellAsync(SessionId id, string reason) =>
        await _revocations.PublishAsync(new(RevocationScope.Session, reason, Session: id.ToString())) != StoreWrite.Unavailable;

    // While messages may be missed a copy counts for a moment only: an end that nobody heard of is then found by reading.
    private bool IsRecent(SessionCopy copy, DateTimeOffset now)
    {
        var age = (now - copy.ReadAt).Duration(); // also of a copy from before the clock was set back, which would else count until that hour comes again
        return age < _options.CopyLife && (copy.ReadAt.UtcTicks >= _store.ListeningSince || age < UnheardCopyFor);
    }

    // A store that is down or frozen costs a read its whole timeout: one request a second pays it, the others take the copy.
    private bool MayAsk() => Volatile.Read(ref _askAgain) is var askAgain
        && (askAgain == 0 || (_clock.GetTimestamp() >= askAgain && Interlocked.CompareExchange(ref _askAgain, InASecond(), askAgain) == askAgain));

    private long InASecond() => _clock.GetTimestamp() + _clock.TimestampFrequency;

    // An outage signs nobody out: what this process knew a moment ago still holds, for a while.
    private SessionRead? FromOutage(SessionCopy copy, DateTimeOffset now) =>
        (now - copy.ReadAt).Duration() >= _options.CopyFor + _options.OutageGrace ? null
        : copy.Session.Ended ? SessionRead.None
        : Judge(copy.Session.Catalog == _catalog.Value ? copy.Session : new Session(copy.Session.Id, copy.Session.Record, _catalog.Value), now);

    private SessionRead Judge(Session session, DateTimeOffset now) =>
        session.Ended || (now >= session.Record.Ends && _steady.GetUtcNow() >= session.Record.Ends) ? SessionRead.None : SessionRead.Found(session);

    // The idle end slides in steps, not with every request; the slack of StoreEnd makes up for the steps.
    private async ValueTask<DateTimeOffset> ExtendAsync(SessionId id, Versioned<SessionRecord> stored, DateTimeOffset? extended, DateTimeOffset now)
    {
        if (extended is { } last && (now - last).Duration() < _options.IdleTimeout / 24)
            return last;
        // A record in use under a former key moves to the newest with a step of its, as with a refresh, so that the former one can go
        // in time (K10, T83). A step that the store did not take is tried again with the next read.
        var moved = extended is not null && !_ring.IsSealedByFirst(stored.Version)
            ? await _records.ReplaceAsync(KeyOf(id), stored.Version, stored.Value, StoreEnd(stored.Value, now), CancellationToken.None)
            : await _store.ExtendAsync(KeyOf(id), StoreEnd(stored.Value, now), CancellationToken.None);
        if (moved != StoreWrite.Done)
            return extended ?? DateTimeOffset.MinValue;
        await _directory.SeenAsync(id);
        return now;
    }

    // A session may live this much longer than IdleTimeout, never shorter, and never past its absolute end. The store keeps a value for what
    // is left from now: by a clock that was just set it would lose sessions to all replicas.
    private DateTimeOffset StoreEnd(SessionRecord record, DateTimeOffset now) =>
        now + (record.Ends - _steady.GetUtcNow() is var left && left < _directory.Slack ? left : _directory.Slack);

    private void Hear(byte[] message)
    {
        if (!SessionMessage.TryRead(message, out var id, out var isEnd))
            return;
        if (isEnd)
            _copies.End(id, _clock.GetUtcNow());
        else
            Forget(id);
    }

    private void Forget(SessionId id)
    {
        _reading.TryRemove(id, out _);
        _copies.Forget(id);
    }

    private StoreKey KeyOf(SessionId id)
    {
        Span<byte> hash = stackalloc byte[32];
        id.CopyTo(hash);
        return _records.KeyOfHash(hash);
    }
}
