using System.Text;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Changes an input in a few places, without knowing what it means.</summary>
internal sealed class Mutator(IReadOnlyList<string> words, int longest)
{
    private readonly byte[][] _words = [.. words.Select(Encoding.Latin1.GetBytes)];

    /// <param name="other">Another input, to take a piece of.</param>
    public byte[] Mutate(byte[] input, byte[] other, SeededNumbers numbers)
    {
        var changed = new List<byte>(input);
        for (var i = 1 + numbers.Size(6); i > 0; i--)
            Change(changed, other, numbers);
        return changed.Count > longest ? [.. changed.Take(longest)] : [.. changed];
    }

    private void Change(List<byte> bytes, byte[] other, SeededNumbers numbers)
    {
        var at = numbers.Next(bytes.Count + 1);
        var length = Math.Min(1 + numbers.Size(32), bytes.Count - at);
        switch (numbers.Next(bytes.Count == 0 ? 2 : 10))
        {
            case 0:
                bytes.InsertRange(at, numbers.Of(_words));
                break;
            case 1:
                var from = numbers.Next(other.Length + 1);
                bytes.InsertRange(at, other.Skip(from).Take(1 + numbers.Size(64)));
                break;
            case 2:
                bytes[at % bytes.Count] ^= (byte)(1 << numbers.Next(8));
                break;
            case 3:
                bytes[at % bytes.Count] = (byte)numbers.Next(256);
                break;
            case 4 or 5:
                bytes.RemoveRange(at, length);
                break;
            case 6:
                bytes.InsertRange(at, bytes.GetRange(at, length)); // said twice
                break;
            case 7:
                var word = numbers.Of(_words);
                bytes.RemoveRange(at, Math.Min(word.Length, bytes.Count - at));
                bytes.InsertRange(at, word);
                break;
            case 8:
                for (var i = at; i < at + length; i++)
                    bytes[i] = (byte)(char.IsAsciiLetter((char)bytes[i]) ? bytes[i] ^ 0x20 : bytes[i]);
                break;
            default:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
        }
    }
}
