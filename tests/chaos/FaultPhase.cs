using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrgGateway.Tests.Chaos;

/// <summary>What clients met while one fault was on, or none.</summary>
internal sealed class FaultPhase(string name)
{
    private long _requests, _good, _signOuts, _wrong, _revocations, _letThrough, _longest, _lastFailure = Stopwatch.GetTimestamp();

    public string Name => name;

    /// <summary>False for the time between faults.</summary>
    public bool IsFault { get; init; } = true;

    /// <summary>Every request has to be answered as ever, and sockets may end with 1012 only.</summary>
    public bool MayFailNothing { get; init; }

    /// <summary>Sessions are lost with the store: that is no sign-out of our own.</summary>
    public bool LosesSessions { get; init; }

    /// <summary>Of the last failed request, or of the beginning.</summary>
    public long LastFailure => Interlocked.Read(ref _lastFailure);

    /// <summary>How long requests still failed after the fault was over.</summary>
    public TimeSpan Aftermath { get; set; }

    /// <summary>Requests that HAProxy sent once more.</summary>
    public long Retried { get; set; }

    /// <summary>Failed requests by their cause.</summary>
    public ConcurrentDictionary<string, long> Failures { get; } = new(StringComparer.Ordinal);

    /// <summary>Ended sockets by their close code.</summary>
    public ConcurrentDictionary<string, long> Closes { get; } = new(StringComparer.Ordinal);

    public ConcurrentQueue<string> Evidence { get; } = new();

    public long Requests => Interlocked.Read(ref _requests);
    public long Good => Interlocked.Read(ref _good);
    public long SignOuts => Interlocked.Read(ref _signOuts);
    public long Wrong => Interlocked.Read(ref _wrong);
    public long Revocations => Interlocked.Read(ref _revocations);
    public long LetThrough => Interlocked.Read(ref _letThrough);

    /// <summary>In milliseconds.</summary>
    public long Longest => Interlocked.Read(ref _longest);

    public void Asked() => Interlocked.Increment(ref _requests);

    public void Answered(TimeSpan took)
    {
        Interlocked.Increment(ref _good);
        var milliseconds = (long)took.TotalMilliseconds;
        for (var seen = Longest; milliseconds > seen && Interlocked.CompareExchange(ref _longest, milliseconds, seen) != seen; seen = Longest)
        {
        }
    }

    public void Failed(string cause, string evidence)
    {
        Count(Failures, cause);
        Interlocked.Exchange(ref _lastFailure, Stopwatch.GetTimestamp());
        Note($"failed ({cause}): {evidence}");
    }

    public void Closed(string code) => Count(Closes, code);

    public void Revoked() => Interlocked.Increment(ref _revocations);

    public void SignedOut(string evidence)
    {
        Interlocked.Increment(ref _signOuts);
        Note("signed out: " + evidence);
    }

    public void Mistaken(string evidence)
    {
        Interlocked.Increment(ref _wrong);
        Note("wrong: " + evidence);
    }

    public void Slipped(string evidence)
    {
        Interlocked.Increment(ref _letThrough);
        Note("let through: " + evidence);
    }

    /// <returns>What may not be in this phase; empty when all is well.</returns>
    public IEnumerable<string> Breaches()
    {
        if (Wrong > 0)
            yield return $"{name}: {Wrong} answers for somebody else";
        if (LetThrough > 0)
            yield return $"{name}: {LetThrough} let through after a revocation";
        if (SignOuts > 0 && !LosesSessions)
            yield return $"{name}: {SignOuts} signed out unasked";
        if (MayFailNothing && !Failures.IsEmpty)
            yield return $"{name}: failed requests: {Join(Failures)}";
        if (MayFailNothing && Closes.Keys.Any(code => code is not ("1012" or "4401")))
            yield return $"{name}: sockets ended with {Join(Closes)}";
    }

    public static string Join(ConcurrentDictionary<string, long> counts) =>
        string.Join(", ", counts.OrderByDescending(count => count.Value).Select(count => $"{count.Value} {count.Key}"));

    private static void Count(ConcurrentDictionary<string, long> counts, string key) => counts.AddOrUpdate(key, 1, (_, n) => n + 1);

    private void Note(string evidence)
    {
        if (Evidence.Count < 20)
            Evidence.Enqueue(evidence);
    }
}
