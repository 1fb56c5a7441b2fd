namespace OrgGateway.Jose;

/// <summary>What <see cref="Jws.VerifySignature"/> found: as <see cref="JwsResult"/>, for a payload of any kind.</summary>
public abstract record JwsSignatureResult
{
    private JwsSignatureResult()
    {
    }

    public sealed record Valid(JwsHeader Header, ReadOnlyMemory<byte> Payload) : JwsSignatureResult;

    public sealed record Refused(JwsFault Fault, string? Kid) : JwsSignatureResult;
}
