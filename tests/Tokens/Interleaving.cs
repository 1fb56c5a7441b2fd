using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Tokens;

/// <summary>
/// Runs several processes' code on one thread, in an order that a seed decides: whatever leaves a process (a store command, a token
/// request, a message) is a step that waits until it is drawn. Code between two steps runs without interruption, as in one process.
/// </summary>
internal sealed class Interleaving(int seed, FakeClock clock) : SynchronizationContext
{
    private readonly SeededNumbers _random = new(seed);
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private readonly List<Step> _steps = [];

    public SeededNumbers Numbers => _random;

    /// <summary>Completes when this step is drawn; never, when its process dies before.</summary>
    public Task StepAsync(SimulatedProcess? process)
    {
        var drawn = new TaskCompletionSource();
        _steps.Add(new(process, () => drawn.SetResult()));
        return drawn.Task;
    }

    public void Later(SimulatedProcess? process, Action action) => _steps.Add(new(process, action));

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
            throw new InvalidOperationException("something left the schedule");
        _ready.Enqueue((d, state));
    }

    /// <param name="between">Runs between steps: crashes, revocations.</param>
    /// <param name="isDone">Looked at when nothing but time can move on.</param>
    /// <param name="bound">Of simulated time.</param>
    public void Run(Action start, Action between, Func<bool> isDone, TimeSpan bound)
    {
        var end = clock.UtcNow + bound;
        Enter(start);
        while (true)
        {
            Settle();
            between();
            Settle();
            _steps.RemoveAll(step => step.Process is { IsAlive: false });
            var due = _steps.FindAll(step => step.Process is not { IsStalled: true });
            if (due.Count == 0)
            {
                if (isDone())
                    return;
                Assert.True(clock.UtcNow < end, $"seed {seed}: a request waits for ever");
                Outside(() => clock.Advance(TimeSpan.FromMilliseconds(250)));
                continue;
            }
            var next = due[_random.Next(due.Count)];
            _steps.Remove(next);
            Outside(next.Run);
        }
    }

    private void Settle()
    {
        while (_ready.TryDequeue(out var work))
            Enter(() => work.Callback(work.State));
    }

    private void Enter(Action action)
    {
        var former = Current;
        SetSynchronizationContext(this);
        try
        {
            action();
        }
        finally
        {
            SetSynchronizationContext(former);
        }
    }

    // Library code that asked for no context goes on right here, and not on another thread.
    private static void Outside(Action action)
    {
        var former = Current;
        SetSynchronizationContext(null);
        try
        {
            action();
        }
        finally
        {
            SetSynchronizationContext(former);
        }
    }

    private sealed record Step(SimulatedProcess? Process, Action Run);
}

internal sealed class SimulatedProcess
{
    public bool IsAlive { get; set; } = true;

    /// <summary>Alive, and nothing of it moves: SIGSTOP, a paused machine.</summary>
    public bool IsStalled { get; set; }
}
