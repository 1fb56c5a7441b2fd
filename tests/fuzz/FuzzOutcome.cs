namespace OrgGateway.Tests.Fuzz;

/// <summary>What a parser made of an input.</summary>
/// <param name="Accepted">It was taken for what it claims to be.</param>
/// <param name="Kind">
/// Which way it went: the reason of a refusal, a status, what was found in it. An input that goes a new way is kept and mutated further.
/// </param>
internal readonly record struct FuzzOutcome(bool Accepted, string Kind)
{
    public static FuzzOutcome Accept(string kind = "accepted") => new(true, kind);

    public static FuzzOutcome Refuse(string kind = "refused") => new(false, kind);

    public static FuzzOutcome Of(bool accepted) => accepted ? Accept() : Refuse();
}

/// <summary>A property that an input has broken; any other exception is a failure too.</summary>
internal sealed class FuzzViolation(string what) : Exception(what)
{
    public static void Unless(bool holds, string what)
    {
        if (!holds)
            throw new FuzzViolation(what);
    }
}
