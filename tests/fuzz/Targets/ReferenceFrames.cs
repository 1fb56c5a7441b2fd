namespace OrgGateway.Tests.Fuzz;

/// <summary>RFC 6455 §5.2 read frame by frame from bytes that are all there; written without the code under test.</summary>
internal static class ReferenceFrames
{
    /// <param name="closeAt">Where the first Close frame has ended, or -1.</param>
    /// <returns>Where frames end, up to the first Close; and the position of the first byte that cannot be, or -1.</returns>
    public static (HashSet<int> Boundaries, int FaultAt) Read(byte[] bytes, bool masked, out int closeAt)
    {
        closeAt = -1;
        var boundaries = new HashSet<int>();
        var fragmented = false;
        long at = 0;
        while (at < bytes.Length)
        {
            var (opcode, final) = (bytes[at] & 0x0f, bytes[at] >= 0x80);
            var isControl = opcode >= 8;
            if (opcode is not (0 or 1 or 2 or 8 or 9 or 10) || (isControl && !final) || (!isControl && (opcode == 0) != fragmented))
                return (boundaries, (int)at);
            if (++at == bytes.Length)
                break;
            var (isMasked, length) = (bytes[at] >= 0x80, (ulong)(bytes[at] & 0x7f));
            if (isMasked != masked || (isControl && length > 125))
                return (boundaries, (int)at);
            var extended = length switch { 126 => 2, 127 => 8, _ => 0 };
            at++;
            if (at + extended > bytes.Length)
                break;
            if (extended > 0)
                length = bytes.AsSpan((int)at, extended).ToArray().Aggregate(0UL, (sum, b) => (sum << 8) | b);
            if (length > long.MaxValue)
                return (boundaries, (int)at + extended - 1);
            at += extended + (masked ? 4 : 0);
            if (length > (ulong)(bytes.Length - at < 0 ? 0 : bytes.Length - at) || at > bytes.Length)
                break;
            at += (long)length;
            fragmented = isControl ? fragmented : !final;
            boundaries.Add((int)at);
            if (opcode == 8)
            {
                closeAt = (int)at;
                break;
            }
        }
        return (boundaries, -1);
    }
}
