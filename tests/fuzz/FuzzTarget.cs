using System.Text;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>One parser under fire: how its inputs are made, and what must hold for each.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Also the folder of its corpus.</summary>
    public abstract string Name { get; }

    /// <summary>Inputs on every run of the tests; shares of a long run are in the same proportion.</summary>
    public virtual int Inputs => 3000;

    /// <summary>Pieces that the mutator puts in.</summary>
    public virtual IReadOnlyList<string> Words => Fuzz.Words.Odd;

    /// <summary>No input may cost more than so many bytes, and <see cref="AllocatedPerByte"/> for each of its own.</summary>
    public virtual long Allocated => 64 * 1024;

    public virtual long AllocatedPerByte => 100;

    /// <summary>Longer ones are cut.</summary>
    public virtual int Longest => 8 * 1024;

    /// <summary>One input by the grammar, sound or nearly so.</summary>
    public abstract byte[] Generate(SeededNumbers numbers);

    /// <exception cref="FuzzViolation">A property does not hold.</exception>
    public abstract FuzzOutcome Try(byte[] input);

    /// <summary>Once, when all inputs were tried.</summary>
    public virtual void End()
    {
    }

    /// <summary>Text targets see bytes as a server does that reads header lines.</summary>
    protected static string Text(byte[] input) => Encoding.Latin1.GetString(input);

    protected static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
