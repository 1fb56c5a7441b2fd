namespace OrgGateway.Tests.Tokens;

/// <summary>The same numbers for the same seed, on every machine (SplitMix64).</summary>
internal sealed class SeededNumbers(int seed)
{
    private ulong _state = (ulong)seed * 0x9E3779B97F4A7C15;

    public int Next(int below)
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (int)((z ^ (z >> 31)) % (ulong)below);
    }
}
