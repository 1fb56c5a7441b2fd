using OrgGateway.Configuration;

namespace OrgGateway.ApiKeys;

/// <summary><c>Gateway:ApiKeys</c>.</summary>
public sealed class ApiKeyOptions
{
    public const string Section = "Gateway:ApiKeys";

    /// <summary>What keys begin with, before an underscore, so that secret scanners know them. 2 to 16 lower-case letters and digits; default <c>ogk</c>. Keys of another prefix stop working.</summary>
    public string Prefix { get; init; } = "ogk";

    /// <summary>How long a replica answers from its own copy before it reads the store again. 1 second to 5 minutes; default 30 seconds. A revocation is told at once.</summary>
    public TimeSpan CopyFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the copy keeps serving while the store cannot be read. 0 to 1 hour; default 5 minutes.</summary>
    public TimeSpan OutageGrace { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Most keys held in process. 100 to 1,000,000; default 20,000.</summary>
    public int CopyLimit { get; init; } = 20_000;

    public void Check(Faults faults)
    {
        if (Prefix.Length is < 2 or > 16 || !Prefix.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)))
            faults.Add(Section + ":Prefix", "allowed are 2 to 16 lower-case letters and digits");
        faults.Range(Section + ":CopyFor", CopyFor, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        faults.Range(Section + ":OutageGrace", OutageGrace, TimeSpan.Zero, TimeSpan.FromHours(1));
        faults.Range(Section + ":CopyLimit", CopyLimit, 100, 1_000_000);
    }
}
