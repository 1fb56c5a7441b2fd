using System.Globalization;
using System.Text;

namespace OrgGateway.Tests.Chaos;

/// <summary>What clients met, fault by fault.</summary>
internal sealed class FaultTable
{
    private readonly List<FaultPhase> _phases = [];
    private volatile FaultPhase _now = new("before");
    private int _epoch;

    public FaultPhase Now => _now;

    public IReadOnlyList<FaultPhase> Phases => _phases;

    /// <summary>Positive while every replica reaches the store and hears its messages; a measurement across a change of it is void.</summary>
    public int Epoch => Volatile.Read(ref _epoch);

    public void Settled(bool settled) => Volatile.Write(ref _epoch, settled ? Math.Abs(_epoch) + 1 : -Math.Abs(_epoch) - 1);

    public FaultPhase Begin(FaultPhase phase)
    {
        if (!_phases.Contains(phase))
            _phases.Add(phase);
        return _now = phase;
    }

    /// <summary>Counts a request that ends now: in the fault in which it began, or, begun without one, in what is on now.</summary>
    public FaultPhase Ended(FaultPhase begun)
    {
        var phase = begun.IsFault ? begun : Now;
        phase.Asked();
        return phase;
    }

    public static string Header => $"{"fault",-52} {"requests",9} {"good",8} {"longest ms",11} {"well after s",13} {"signed out",11} {"wrong",6} {"revoked",8} {"let in",7}  failed; sockets ended; sent again by HAProxy";

    public static string Row(FaultPhase phase)
    {
        var row = new StringBuilder(string.Create(
            CultureInfo.InvariantCulture,
            $"{phase.Name,-52} {phase.Requests,9} {phase.Good,8} {phase.Longest,11} {phase.Aftermath.TotalSeconds,13:0.0} {phase.SignOuts,11} {phase.Wrong,6} {phase.Revocations,8} {phase.LetThrough,7}  {(phase.Failures.IsEmpty ? "0" : FaultPhase.Join(phase.Failures))}"));
        row.Append("; ").Append(phase.Closes.IsEmpty ? "0" : FaultPhase.Join(phase.Closes));
        return row.Append(CultureInfo.InvariantCulture, $"; {phase.Retried}").ToString();
    }

    public string[] Breaches() => [.. _phases.SelectMany(phase => phase.Breaches())];

    public string Evidence() => string.Join('\n', _phases.Where(phase => !phase.Evidence.IsEmpty).Select(phase => $"{phase.Name}:\n  {string.Join("\n  ", phase.Evidence)}"));
}
