using System.Collections.Concurrent;

namespace OrgGateway.Tests.Chaos;

/// <summary>What clients met.</summary>
internal sealed class ChaosCounts
{
    private long _requests, _good, _signOuts, _wrong, _letThrough, _revocations, _connections;

    public ConcurrentDictionary<string, long> Failures { get; } = new(StringComparer.Ordinal);
    public ConcurrentQueue<string> Evidence { get; } = new();
    public long Requests => Interlocked.Read(ref _requests);
    public long Good => Interlocked.Read(ref _good);
    public long Revocations => Interlocked.Read(ref _revocations);

    /// <summary>Sign-outs that nobody asked for.</summary>
    public long SignOuts => Interlocked.Read(ref _signOuts);

    /// <summary>Answers for another organization or person than the one that asked.</summary>
    public long Wrong => Interlocked.Read(ref _wrong);

    /// <summary>Requests that a revoked session was let through with, a second after.</summary>
    public long LetThrough => Interlocked.Read(ref _letThrough);

    public void Asked() => Interlocked.Increment(ref _requests);
    public void Answered() => Interlocked.Increment(ref _good);
    public void Failed(string cause) => Failures.AddOrUpdate(cause, 1, (_, n) => n + 1);
    public void Unreachable() => Interlocked.Increment(ref _connections);
    public void Revoked() => Interlocked.Increment(ref _revocations);

    public void SignedOut(string evidence) => Note(ref _signOuts, "signed out: " + evidence);
    public void Mistaken(string evidence) => Note(ref _wrong, "wrong: " + evidence);
    public void Slipped(string evidence) => Note(ref _letThrough, "let through: " + evidence);

    public string Report() => $"""
        requests                          {Requests}
          answered                        {Good}
          gateway stopped or restarting   {Interlocked.Read(ref _connections)}
        {string.Join('\n', Failures.OrderByDescending(f => f.Value).Select(f => $"  5xx {f.Key,-28}{f.Value}"))}
        sign-outs nobody asked for        {SignOuts}
        wrong organization or person      {Wrong}
        revocations                       {Revocations}
          let through 1 s after           {LetThrough}
        {string.Join('\n', Evidence.Take(10))}
        """;

    private void Note(ref long counter, string evidence)
    {
        Interlocked.Increment(ref counter);
        Evidence.Enqueue(evidence);
    }
}
