using System.Collections.Concurrent;
using OrgGateway.Oidc;
using OrgGateway.Sessions;
using OrgGateway.Storage;

namespace OrgGateway.Tokens;

/// <summary>
/// Presents a refresh token at most once. The mark in its record is the fence: only one writer can put it where none was, and
/// whoever finds one of another process does not present. What this process learned and could not write down, it remembers, and
/// writes down later instead of asking again.
/// </summary>
public sealed class RefreshTokenUse(ProviderPause pause, SteadyClock clock)
{
    private const int StoreAttempts = 5;
    private static readonly TimeSpan RememberFor = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, Open> _open = new(StringComparer.Ordinal);

    private enum OpenState
    {
        NeverSent,

        /// <summary>Somebody in this process is at it.</summary>
        Busy,
        Answered,
    }

    /// <param name="send">One request to the provider; never repeated here.</param>
    public async Task<Presented> PresentAsync<T>(GrantPlace<T> place, Versioned<T> stored, Func<string, Task<TokenAnswer>> send)
        where T : class, IGrant<T>
    {
        var token = stored.Value.RefreshToken!;
        if (stored.Value.Presented is { } mark && mark.IsOf(token))
            return _open.TryGetValue(mark.By, out var known) ? await ConcludeOnceAsync(place, mark, known) : new Presented.Orphaned(mark);
        var now = clock.GetUtcNow();
        if (stored.Value.RetryRefreshAt is { } retryAt && retryAt > now)
            return new Presented.NotNow(retryAt);

        var mine = RefreshMark.Of(token, now);
        // Known as never sent before it is written: a write whose answer is lost may stand there all the same.
        Remember(mine, OpenState.NeverSent, null);
        var marked = await place.Note(stored.Version, stored.Value.Noted(mine, null));
        if (marked == StoreWrite.Refused)
        {
            Forget(mine);
            return new Presented.Changed();
        }
        if (marked == StoreWrite.Unavailable)
            return new Presented.StoreUnavailable(IsOpen: true);
        TokenAnswer answer = new TokenAnswer.Unavailable(null);
        Remember(mine, OpenState.Busy, null);
        try
        {
            answer = await send(token);
        }
        finally
        {
            Remember(mine, OpenState.Answered, answer);
        }
        return await ConcludeOnceAsync(place, mine, _open[mine.By]);
    }

    /// <summary>Whether this process knows how a presentation ended that nobody has written down.</summary>
    public bool Knows(RefreshMark mark) => _open.TryGetValue(mark.By, out var known) && known.State != OpenState.Busy;

    public bool KnowsAny => !_open.IsEmpty;

    /// <summary>Writes the outcome of a presentation over whatever else changed in the record meanwhile, and forgets the presentation.</summary>
    /// <param name="isDone">Tells a record that an earlier attempt wrote, whose answer was lost.</param>
    public async Task<(StoreWrite Written, T? Record)> StoreAsync<T>(GrantPlace<T> place, RefreshMark mark, Func<T, T> change, Func<T, bool> isDone)
        where T : class, IGrant<T>
    {
        var attempts = 0;
        while (true)
        {
            var read = await place.Read();
            if (read.Status == StoreStatus.Found)
            {
                if (read.Value!.Value.Presented?.By != mark.By)
                {
                    if (!isDone(read.Value.Value))
                        break; // another grant stands there: not what was presented
                    Forget(mark);
                    return (StoreWrite.Done, read.Value.Value);
                }
                var changed = change(read.Value.Value);
                var written = await place.Replace(read.Value.Version, changed);
                if (written == StoreWrite.Done)
                {
                    Forget(mark);
                    return (StoreWrite.Done, changed);
                }
                if (written == StoreWrite.Refused)
                    continue; // somebody else's change came between: on top of that one
            }
            else if (read.Status == StoreStatus.Missing)
                break; // ended meanwhile: a dead session stays dead (T129)
            if (++attempts == StoreAttempts)
            {
                PutBack(mark);
                return (StoreWrite.Unavailable, null);
            }
        }
        Forget(mark);
        return (StoreWrite.Refused, null);
    }

    /// <summary>
    /// The provider gave no grant: the token stays for another time. A connection that broke leaves it open whether it used the token
    /// up, but to end the session for that would sign everybody out with every hiccup of the network (T121); providers that rotate
    /// allow for it with a leeway.
    /// </summary>
    public async Task<Presented> TakeBackAsync<T>(GrantPlace<T> place, RefreshMark mark, DateTimeOffset? retryAt)
        where T : class, IGrant<T>
    {
        var (written, _) = await StoreAsync(place, mark, record => record.Noted(null, retryAt), record => record.Presented is null);
        return written switch
        {
            StoreWrite.Unavailable => new Presented.StoreUnavailable(IsOpen: true),
            StoreWrite.Done when retryAt is { } at => new Presented.NotNow(at),
            _ => new Presented.Changed(),
        };
    }

    /// <summary>Changes a record that still has this mark; one attempt, since it only spares others some work.</summary>
    public static async Task AmendAsync<T>(GrantPlace<T> place, RefreshMark mark, Func<T, T> change)
        where T : class, IGrant<T>
    {
        var read = await place.Read();
        if (read.Value is { } stored && stored.Value.Presented?.By == mark.By)
            await place.Replace(stored.Version, change(stored.Value));
    }

    public void Forget(RefreshMark mark) => _open.TryRemove(mark.By, out _);

    // Two that conclude the same answer would take each other's success for somebody else's change.
    private async Task<Presented> ConcludeOnceAsync<T>(GrantPlace<T> place, RefreshMark mark, Open known)
        where T : class, IGrant<T> =>
        known.State != OpenState.Busy && _open.TryUpdate(mark.By, known with { State = OpenState.Busy, Was = known.State }, known)
            ? await ConcludeAsync(place, mark, known.Answer)
            : new Presented.StoreUnavailable(IsOpen: false);

    private async Task<Presented> ConcludeAsync<T>(GrantPlace<T> place, RefreshMark mark, TokenAnswer? answer)
        where T : class, IGrant<T>
    {
        switch (answer)
        {
            case TokenAnswer.Granted(var tokens):
                pause.Answered(place.Provider);
                return new Presented.Granted(tokens, mark);
            case TokenAnswer.Refused(var error):
                pause.Answered(place.Provider);
                return new Presented.Refused(error, mark);
            case TokenAnswer.Unavailable(var retryAfter):
                return await TakeBackAsync(place, mark, clock.GetUtcNow() + pause.Failed(place.Provider, place.Name, retryAfter));
            default:
                return await TakeBackAsync(place, mark, null); // never sent
        }
    }

    private void PutBack(RefreshMark mark)
    {
        if (_open.TryGetValue(mark.By, out var known) && known.State == OpenState.Busy)
            _open[mark.By] = known with { State = known.Was };
    }

    private void Remember(RefreshMark mark, OpenState state, TokenAnswer? answer)
    {
        var now = clock.GetUtcNow();
        _open[mark.By] = new(state, answer, now);
        if (_open.Count < 1000)
            return;
        foreach (var (by, open) in _open)
            if (now - open.At > RememberFor)
                _open.TryRemove(by, out _);
    }

    private sealed record Open(OpenState State, TokenAnswer? Answer, DateTimeOffset At)
    {
        public OpenState Was { get; init; }
    }
}
