namespace OrgGateway.Sockets;

/// <summary>
/// Follows one direction of a WebSocket through its frames (RFC 6455 §5.2) without looking at what they carry, so that a frame of
/// the gateway's own can go between two frames of a peer. Headers may arrive in any number of pieces. Reserved bits belong to
/// extensions that the two ends agreed on, such as compression; none of them moves a boundary.
/// </summary>
/// <param name="masked">Whether this direction's frames must be masked: a client's must, a server's must not (§5.1).</param>
public struct FrameTracker(bool masked)
{
    private const byte Final = 0x80;
    private const byte MaskBit = 0x80;
    private const int Close = 8;
    private const int LongestControl = 125;

    private ulong _left; // of the header's part or the payload that stands next
    private ulong _length;
    private Part _part;
    private byte _opcode;
    private bool _fragmented;

    private enum Part : byte
    {
        First,
        Second,
        Length,
        Mask,
        Payload,
    }

    /// <summary>The last byte seen was the last of a frame, or there was none yet.</summary>
    public readonly bool AtBoundary => _part == Part.First;

    /// <summary>A Close frame has passed: no frame may follow it (§5.5.1).</summary>
    public bool SawClose { get; private set; }

    /// <summary>A text or binary frame, whole or part of a message, has passed since this was last set to false.</summary>
    public bool SawData { get; set; }

    /// <summary>Follows the bytes, to their end or only to the end of the frame they begin in.</summary>
    /// <param name="used">How many of them were followed.</param>
    /// <returns>False for what cannot be frames: then nothing about boundaries is known any more.</returns>
    public bool TryAdvance(ReadOnlySpan<byte> bytes, bool toBoundary, out int used)
    {
        used = 0;
        while (used < bytes.Length)
        {
            if (SawClose)
            {
                used = bytes.Length; // whatever comes behind a Close is no frame
                return true;
            }
            if (_part is Part.Mask or Part.Payload)
                used += Skip(bytes.Length - used);
            else if (!TryHeaderByte(bytes[used++]))
                return false;
            if (_part is Part.Mask or Part.Payload && _left == 0)
                EndPart();
            if (toBoundary && AtBoundary)
                return true;
        }
        return true;
    }

    private int Skip(int available)
    {
        var skipped = (int)Math.Min(_left, (ulong)available);
        _left -= (ulong)skipped;
        return skipped;
    }

    private bool TryHeaderByte(byte value)
    {
        switch (_part)
        {
            case Part.First:
                return TryFirst(value);
            case Part.Second:
                return TrySecond(value);
            default:
                _length = (_length << 8) | value;
                if (--_left > 0)
                    return true;
                // The most significant bit of a 64-bit length must be 0 (§5.2).
                return _length <= long.MaxValue && BeginMask();
        }
    }

    private bool TryFirst(byte value)
    {
        _opcode = (byte)(value & 0x0f);
        var final = (value & Final) != 0;
        var control = _opcode >= Close;
        if (_opcode is (> 2 and < 8) or > 10)
            return false; // reserved: nobody knows whether it ends a message
        if (control ? !final : _opcode == 0 != _fragmented)
            return false; // a control frame in pieces, a continuation of nothing, or a message within a message (§5.4)
        if (!control)
            _fragmented = !final;
        _part = Part.Second;
        return true;
    }

    private bool TrySecond(byte value)
    {
        if ((value & MaskBit) != 0 != masked)
            return false;
        var length = value & ~MaskBit;
        if (length > LongestControl && _opcode >= Close)
            return false;
        _length = (ulong)length;
        if (length <= LongestControl)
            return BeginMask();
        (_part, _left, _length) = (Part.Length, length == 126 ? 2u : 8u, 0);
        return true;
    }

    private bool BeginMask()
    {
        (_part, _left) = (Part.Mask, masked ? 4u : 0u);
        return true;
    }

    private void EndPart()
    {
        if (_part == Part.Mask)
        {
            (_part, _left) = (Part.Payload, _length);
            if (_left > 0)
                return;
        }
        _part = Part.First;
        SawClose |= _opcode == Close;
        SawData |= _opcode < Close;
    }
}
