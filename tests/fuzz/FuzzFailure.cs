using System.Text;

namespace OrgGateway.Tests.Fuzz;

/// <summary>An input that broke a property, made as short as it gets.</summary>
internal sealed record FuzzFailure(string Target, byte[] Input, Exception Cause, string? File)
{
    private const int Tries = 3000;

    /// <summary>Failures of one kind are reported once.</summary>
    public static string KindOf(Exception cause) => $"{cause.GetType().Name} {cause.Message.Split('\n', ':', '\'')[0]} {FirstFrame(cause)}";

    /// <summary>Takes away halves, quarters and at last single bytes, as long as the failure stays the same.</summary>
    public static byte[] Shrink(FuzzTarget target, byte[] input, string kind)
    {
        var left = Tries;
        for (var size = Math.Max(1, input.Length / 2); size > 0; size = size == 1 ? 0 : size / 2)
            for (var at = 0; at < input.Length && left-- > 0;)
            {
                byte[] shorter = [.. input[..at], .. input[Math.Min(at + size, input.Length)..]];
                if (Fails(target, shorter, kind))
                    input = shorter;
                else
                    at += size;
            }
        return input;
    }

    public override string ToString() => $"{Target}: {Cause.GetType().Name}: {Cause.Message}\n  at {FirstFrame(Cause)}\n  input {Printed(Input)}\n  base64 {Convert.ToBase64String(Input)}\n  {File ?? "not kept"}";

    private static bool Fails(FuzzTarget target, byte[] input, string kind)
    {
        try
        {
            target.Try(input);
            return false;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return KindOf(exception) == kind;
        }
    }

    private static string FirstFrame(Exception cause) => cause.StackTrace?.Split('\n').Select(line => line.Trim())
        .FirstOrDefault(line => line.StartsWith("at OrgGateway", StringComparison.Ordinal) && !line.Contains("FuzzViolation", StringComparison.Ordinal)) ?? "";

    private static string Printed(byte[] input)
    {
        var text = new StringBuilder();
        foreach (var b in input.Take(1000))
            text.Append(b is >= 0x20 and < 0x7f ? ((char)b).ToString() : $"\\x{b:x2}");
        return text.ToString();
    }
}
