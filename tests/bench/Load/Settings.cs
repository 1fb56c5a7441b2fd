using System.Globalization;

namespace OrgGateway.Bench.Load;

/// <summary>How long and how hard is measured; from the environment variables of the same names in capitals.</summary>
public sealed record Settings(int Rounds, int Secs, int Warm, int Conns, int Retries)
{
    private static readonly int Cores = Environment.ProcessorCount;

    /// <summary>With four cores or more the proxies get the first half, so that the load does not take their time.</summary>
    public static string? ProxyCores => Cores < 4 ? null : $"0-{Cores / 2 - 1}";

    /// <summary>The cores of wrk, the upstream, Redis and the provider.</summary>
    public static string? LoadCores => Cores < 4 ? null : $"{Cores / 2}-{Cores - 1}";

    /// <param name="secs">A slice, unless the environment says otherwise: less where many are compared.</param>
    public static Settings FromEnvironment(int secs = 5) => new(Number("ROUNDS", 3), Number("SECS", secs), Number("WARM", 8), Number("CONNS", 64), Number("RETRIES", 10, least: 0));

    private static int Number(string name, int usual, int least = 1) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) && number >= least ? number : usual;
}
