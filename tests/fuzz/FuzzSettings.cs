using System.Globalization;
using System.Security.Cryptography;

namespace OrgGateway.Tests.Fuzz;

/// <summary>What <c>tests/fuzz/run</c> asks for; without it, the few inputs of every run of the tests.</summary>
/// <param name="Target">The only target, or null for all.</param>
/// <param name="Inputs">Of all targets together; null for each target's own number.</param>
/// <param name="Grows">Inputs that went a new way become part of the corpus.</param>
internal sealed record FuzzSettings(string? Target, long? Inputs, int Seed, bool Grows, string? Report)
{
    private const int FixedSeed = 20261129;

    public static FuzzSettings Read()
    {
        var inputs = Text("FUZZ_INPUTS") is { } given ? long.Parse(given, CultureInfo.InvariantCulture) : (long?)null;
        var seed = Text("FUZZ_SEED") is { } number ? int.Parse(number, CultureInfo.InvariantCulture) : inputs is null ? FixedSeed : RandomNumberGenerator.GetInt32(int.MaxValue);
        return new(Text("FUZZ_TARGET"), inputs, seed, Text("FUZZ_GROW") is not null, Text("FUZZ_REPORT"));
    }

    public FuzzReport Run(FuzzTarget target, IEnumerable<FuzzTarget> all)
    {
        var share = Inputs is not { } inputs ? target.Inputs : Target is not null ? inputs : inputs * target.Inputs / all.Sum(one => (long)one.Inputs);
        var report = new FuzzRun(target, share, Seed, keeps: Inputs is not null, Grows).Run();
        if (Report is { } file)
            File.AppendAllText(file, report.Row() + "\n");
        return report;
    }

    private static string? Text(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? text : null;
}
