using System.Diagnostics;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>
/// So many inputs for one target: its corpus first, then new ones by its grammar and changed ones. Inputs that went a way which none
/// went before join those that are changed, so that the run finds its way in. The same seed gives the same run.
/// </summary>
internal sealed class FuzzRun(FuzzTarget target, long inputs, int seed, bool keeps, bool grows)
{
    /// <summary>No parser needs a thousandth of it; a machine that does other things may.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    private const int MostPool = 1000;
    private const int MostKinds = 20_000;
    private const int MostFailures = 5;
    private const int MostKept = 24;
    private const int LongestKept = 600;
    private const long MostGrowth = 48L * 1024 * 1024;
    private readonly SeededNumbers _numbers = new(seed);
    private readonly Mutator _mutator = new(target.Words, target.Longest);
    private readonly Corpus _corpus = new(target.Name);
    private readonly List<byte[]> _pool = [];
    private readonly HashSet<string> _kinds = new(StringComparer.Ordinal);
    private readonly HashSet<string> _failureKinds = new(StringComparer.Ordinal);
    private readonly List<FuzzFailure> _failures = [];
    private byte[] _current = [];
    private long _currentSince;
    private long _done;
    private long _accepted;
    private long _memory;

    /// <exception cref="FuzzViolation">An input hangs.</exception>
    public FuzzReport Run()
    {
        var started = Stopwatch.GetTimestamp();
        _currentSince = started;
        Exception? broken = null;
        var worker = new Thread(() =>
        {
            try
            {
                TryAll();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                broken = exception;
            }
        }) { IsBackground = true, Name = "fuzz " + target.Name };
        worker.Start();
        while (!worker.Join(TimeSpan.FromMilliseconds(200)))
            if (Stopwatch.GetElapsedTime(Volatile.Read(ref _currentSince)) > Hang)
            {
                var input = Volatile.Read(ref _current);
                throw new FuzzViolation(new FuzzFailure(target.Name, input, new TimeoutException($"no outcome within {Hang.TotalSeconds:0} s"), keeps ? _corpus.Keep(input, "hang") : null).ToString());
            }
        if (broken is not null)
            throw new InvalidOperationException($"{target.Name}: the run itself broke", broken);
        return new FuzzReport(target.Name, _done, Stopwatch.GetElapsedTime(started), _accepted, _kinds.Count, seed, _failures);
    }

    private void TryAll()
    {
        foreach (var kept in _corpus.Read())
        {
            _pool.Add(kept);
            Try(kept, isKept: true);
        }
        var settled = Math.Max(1000, inputs / 10);
        for (long i = 0; i < inputs && _failures.Count < MostFailures; i++)
        {
            var input = _pool.Count == 0 || _numbers.Next(10) < 4 ? target.Generate(_numbers) : _mutator.Mutate(_numbers.Of(_pool), _numbers.Of(_pool), _numbers);
            Try(input, isKept: false);
            if (i == settled)
                _memory = GC.GetTotalMemory(forceFullCollection: true);
        }
        target.End();
        // Beside other tests nobody can tell whose memory it is.
        if (keeps && inputs > 20_000)
            FuzzViolation.Unless(GC.GetTotalMemory(forceFullCollection: true) - _memory < MostGrowth, $"memory grew from {_memory:N0} to {GC.GetTotalMemory(false):N0} bytes over the run");
    }

    private void Try(byte[] input, bool isKept)
    {
        Volatile.Write(ref _current, input);
        Volatile.Write(ref _currentSince, Stopwatch.GetTimestamp());
        _done++;
        try
        {
            var (thread, before) = (Environment.CurrentManagedThreadId, GC.GetAllocatedBytesForCurrentThread());
            var outcome = target.Try(input);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            // The first of a kind makes what all later ones use.
            if (!_kinds.Contains(outcome.Kind))
                Learn(input, outcome.Kind, isKept);
            else if (thread == Environment.CurrentManagedThreadId)
                FuzzViolation.Unless(allocated <= target.Allocated + (target.AllocatedPerByte * input.Length), $"one input costs too much: {allocated:N0} bytes for {input.Length}");
            _accepted += outcome.Accepted ? 1 : 0;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Fail(input, exception);
        }
    }

    private void Learn(byte[] input, string kind, bool isKept)
    {
        if (_kinds.Count < MostKinds)
            _kinds.Add(kind);
        if (isKept)
            return;
        if (_pool.Count < MostPool)
            _pool.Add(input);
        else
            _pool[_numbers.Next(MostPool)] = input;
        if (grows && input.Length <= LongestKept && _kinds.Count <= MostKept)
            _corpus.Keep(input, "way");
    }

    private void Fail(byte[] input, Exception exception)
    {
        var kind = FuzzFailure.KindOf(exception);
        if (!_failureKinds.Add(kind))
            return;
        var shrunk = FuzzFailure.Shrink(target, input, kind);
        _failures.Add(new FuzzFailure(target.Name, shrunk, exception, keeps ? _corpus.Keep(shrunk, "broke") : null));
    }
}
