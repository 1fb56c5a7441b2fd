namespace OrgGateway.Configuration;

/// <summary>Everything wrong with a configuration, collected so that all of it is reported at once.</summary>
public sealed class Faults
{
    private readonly List<(string Setting, string What)> _faults = [];
    private readonly List<string> _warnings = [];

    public bool Any => _faults.Count > 0;
    public IReadOnlyList<string> All => [.. _faults.Select(f => $"{f.Setting}: {f.What}")];

    /// <summary>The settings at fault, each once.</summary>
    public IReadOnlyCollection<string> Settings => _faults.Select(f => f.Setting).ToHashSet(StringComparer.OrdinalIgnoreCase);
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Records a fault; <paramref name="setting"/> is the full key, such as <c>Gateway:Sessions:IdleTimeout</c>.</summary>
    public void Add(string setting, string what) => _faults.Add((setting, what));

    public void Warn(string setting, string what) => _warnings.Add($"{setting}: {what}");

    public void Require(string setting, string? value, string what)
    {
        if (string.IsNullOrWhiteSpace(value))
            Add(setting, $"missing; {what}");
    }

    public void Range(string setting, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
            Add(setting, $"{value:c} is out of range; allowed are {least:c} to {most:c}");
    }

    public void Range(string setting, int value, int least, int most)
    {
        if (value < least || value > most)
            Add(setting, $"{value} is out of range; allowed are {least} to {most}");
    }
}
