using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using OrgGateway.Orgs;
using OrgGateway.Sealing;
using OrgGateway.Storage;
using OrgGateway.Telemetry;

namespace OrgGateway.Sessions;

/// <summary>Sessions: made at sign-in, read from this process's copy, ended everywhere at once.</summary>
public sealed class SessionStore
{
    private const string Channel = "sessions";
    private const byte EndedMessage = 1;
    private const byte ChangedMessage = 2;
    private static readonly TimeSpan OutagePause = TimeSpan.FromSeconds(1);
    private readonly IStore _store;
    private readonly Sealed<SessionRecord> _records;
    private readonly SessionCopies _copies;
    private readonly SessionOptions _options;
    private readonly CurrentCatalog _catalog;
    private readonly ISessionOrigins _origins;
    private readonly TimeProvider _clock;
    private readonly ILogger<SessionStore> _logger;
    private readonly ConcurrentDictionary<SessionId, TaskCompletionSource<SessionRead>> _reading = new();
    private long _askAgain; // ticks; 0 while the store answers

    public SessionStore(IStore store, KeyRing ring, SessionOptions options, CurrentCatalog catalog, ISessionOrigins origins, TimeProvider clock, ILogger<SessionStore> logger)
    {
        (_store, _options, _catalog, _origins, _clock, _logger) = (store, options, catalog, origins, clock, logger);
        _records = new(store, ring, SessionJson.Default.SessionRecord, "session");
        _copies = new(options.CopyLimit);
        store.Subscribe(Channel, Hear);
    }

    /// <summary>The session behind a cookie. Warm: one look-up in this process.</summary>
    public ValueTask<SessionRead> FindAsync(SessionId id, CancellationToken cancellationToken)
    {
        using var step = GatewayMeter.Activities.StartActivity("session.read"); // none but where somebody traces (S14)
        var now = _clock.GetUtcNow();
        var copy = _copies.Find(id);
        if (copy is not null && now - copy.ReadAt < _options.CopyFor && copy.Session.Catalog == _catalog.Value)
            return new(Judge(copy.Session, now));
        return copy is not null && !MayAsk(now) && FromOutage(copy, now) is { } known ? new(known) : new(ReadOnceAsync(id, cancellationToken));
    }

    /// <returns>The new session and its cookie value, or null when the store is unavailable.</returns>
    public async Task<(Session Session, string Cookie)?> CreateAsync(SessionRecord record, CancellationToken cancellationToken)
    {
        var id = SessionId.New(out var cookie);
        if (await _records.CreateAsync(KeyOf(id), record, StoreEnd(record, _clock.GetUtcNow()), cancellationToken) != StoreWrite.Done)
            return null;
        return (new Session(id, record, _catalog.Value), cookie);
    }

    /// <summary>The record as the store has it now, past every copy; for whoever is about to change it.</summary>
    public ValueTask<StoreRead<Versioned<SessionRecord>>> ReadAsync(SessionId id, CancellationToken cancellationToken) => _records.ReadAsync(KeyOf(id), cancellationToken);

    /// <summary>Writes a changed record where <paramref name="version"/> still stands; <c>Refused</c> means it ended or another replica was first.</summary>
    public async ValueTask<StoreWrite> ReplaceAsync(SessionId id, byte[] version, SessionRecord record, CancellationToken cancellationToken)
    {
        // Once begun it is carried through: a caller that goes away must not leave replicas with what it has replaced.
        cancellationToken.ThrowIfCancellationRequested();
        var written = await _records.ReplaceAsync(KeyOf(id), version, record, StoreEnd(record, _clock.GetUtcNow()), CancellationToken.None);
        if (written == StoreWrite.Done)
        {
            Forget(id);
            await _store.PublishAsync(Channel, Message(ChangedMessage, id), CancellationToken.None);
        }
        return written;
    }

    /// <summary>Ends a session on every replica: here at once, in the store, and by message.</summary>
    /// <returns>False when the store is unavailable and other replicas may still know it.</returns>
    public async Task<bool> EndAsync(SessionId id, SessionEnd reason, CancellationToken cancellationToken)
    {
        // Once begun it is carried through: a browser that leaves while it signs out must not keep its session on other replicas.
        cancellationToken.ThrowIfCancellationRequested();
        // The store first: a copy that is read again in between must find nothing.
        var removed = await _store.RemoveAsync(KeyOf(id), CancellationToken.None);
        // Here also when the store did not answer: the copy would serve on for the whole grace.
        _copies.End(id, _clock.GetUtcNow());
        if (removed == StoreWrite.Unavailable)
            return false;
        await _store.PublishAsync(Channel, Message(EndedMessage, id), CancellationToken.None);
        if (removed == StoreWrite.Done)
            _logger.SessionEnded(reason);
        return true;
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
        Volatile.Write(ref _askAgain, read.Status == StoreStatus.Unavailable ? (_clock.GetUtcNow() + OutagePause).UtcTicks : 0);
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
        var extended = await ExtendAsync(id, stored.Value, known?.ExtendedAt, now);
        return _copies.Put(id, new SessionCopy(session, version, now, extended)) ? Judge(session, now) : SessionRead.None;
    }

    // A store that is down or frozen costs a read its whole timeout: one request a second pays it, the others take the copy.
    private bool MayAsk(DateTimeOffset now)
    {
        var askAgain = Volatile.Read(ref _askAgain);
        return askAgain == 0
            || (now.UtcTicks >= askAgain && Interlocked.CompareExchange(ref _askAgain, (now + OutagePause).UtcTicks, askAgain) == askAgain);
    }

    // An outage signs nobody out: what this process knew a moment ago still holds, for a while.
    private SessionRead? FromOutage(SessionCopy copy, DateTimeOffset now) =>
        now - copy.ReadAt >= _options.CopyFor + _options.OutageGrace ? null
        : copy.Session.Ended ? SessionRead.None
        : Judge(copy.Session.Catalog == _catalog.Value ? copy.Session : new Session(copy.Session.Id, copy.Session.Record, _catalog.Value), now);

    private static SessionRead Judge(Session session, DateTimeOffset now) =>
        session.Ended || now >= session.Record.Ends ? SessionRead.None : SessionRead.Found(session);

    // The idle end slides in steps, not with every request; the slack of StoreEnd makes up for the steps.
    private async ValueTask<DateTimeOffset> ExtendAsync(SessionId id, SessionRecord record, DateTimeOffset? extended, DateTimeOffset now)
    {
        if (extended is { } last && now - last < _options.IdleTimeout / 24)
            return last;
        // A step that the store did not take is tried again with the next read.
        var moved = await _store.ExtendAsync(KeyOf(id), StoreEnd(record, now), CancellationToken.None);
        return moved == StoreWrite.Done ? now : extended ?? DateTimeOffset.MinValue;
    }

    // Requests that a copy answered, and steps not taken, must not count as idleness: a session may live this much longer than
    // IdleTimeout, never shorter, and never past its absolute end.
    private DateTimeOffset StoreEnd(SessionRecord record, DateTimeOffset now)
    {
        var idle = now + _options.IdleTimeout + _options.CopyFor + (_options.IdleTimeout / 24);
        return idle < record.Ends ? idle : record.Ends;
    }

    private void Hear(byte[] message)
    {
        if (message.Length != 33 || !SessionId.TryFromHash(message.AsSpan(1), out var id))
            return;
        if (message[0] == EndedMessage)
            _copies.End(id, _clock.GetUtcNow());
        else if (message[0] == ChangedMessage)
            Forget(id);
    }

    private void Forget(SessionId id)
    {
        _reading.TryRemove(id, out _);
        _copies.Forget(id);
    }

    private static byte[] Message(byte what, SessionId id)
    {
        var message = new byte[33];
        message[0] = what;
        id.CopyTo(message.AsSpan(1));
        return message;
    }

    private StoreKey KeyOf(SessionId id)
    {
        Span<byte> hash = stackalloc byte[32];
        id.CopyTo(hash);
        return _records.KeyOfHash(hash);
    }
}
