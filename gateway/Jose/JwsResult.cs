using System.Text.Json;

namespace OrgGateway.Jose;

/// <summary>What <see cref="Jws.Verify"/> found.</summary>
public abstract record JwsResult
{
    private JwsResult()
    {
    }

    /// <summary>The signature is right. <paramref name="Payload"/> is a JSON object that lives on its own; its claims are not yet judged.</summary>
    public sealed record Valid(JwsHeader Header, JsonElement Payload) : JwsResult;

    /// <summary>Refused. <paramref name="Kid"/> is what the token claims, for fetching rotated keys; nobody vouches for it.</summary>
    public sealed record Refused(JwsFault Fault, string? Kid) : JwsResult;
}
