namespace OrgGateway.Sessions;

/// <summary>What replicas tell each other of one session: that it ended, or that its record changed.</summary>
internal static class SessionMessage
{
    private const byte EndedKind = 1;
    private const byte ChangedKind = 2;
    private const int Length = 33;

    public static byte[] Ended(SessionId id) => Of(EndedKind, id);

    public static byte[] Changed(SessionId id) => Of(ChangedKind, id);

    public static bool TryRead(byte[] message, out SessionId id, out bool isEnd)
    {
        id = default;
        isEnd = message.Length == Length && message[0] == EndedKind;
        return message.Length == Length && (message[0] is EndedKind or ChangedKind) && SessionId.TryFromHash(message.AsSpan(1), out id);
    }

    private static byte[] Of(byte kind, SessionId id)
    {
        var message = new byte[Length];
        message[0] = kind;
        id.CopyTo(message.AsSpan(1));
        return message;
    }
}
