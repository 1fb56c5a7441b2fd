using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>What generators ask of the numbers of a seed.</summary>
internal static class Draw
{
    public static bool OneIn(this SeededNumbers numbers, int many) => numbers.Next(many) == 0;

    public static T Of<T>(this SeededNumbers numbers, IReadOnlyList<T> some) => some[numbers.Next(some.Count)];

    public static byte[] Bytes(this SeededNumbers numbers, int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
            bytes[i] = (byte)numbers.Next(256);
        return bytes;
    }

    /// <summary>Mostly small, now and then up to the most.</summary>
    public static int Size(this SeededNumbers numbers, int most) => numbers.Next(1 + numbers.Next(1 + (numbers.OneIn(20) ? most : Math.Min(most, 12))));

    /// <summary>Up to so many pieces, one behind the other.</summary>
    public static string Some(this SeededNumbers numbers, int most, Func<string> piece)
    {
        var text = new System.Text.StringBuilder();
        for (var i = numbers.Size(most); i >= 0; i--)
            text.Append(piece());
        return text.ToString();
    }
}
