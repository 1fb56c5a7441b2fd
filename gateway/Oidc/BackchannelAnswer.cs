using System.Net;
using System.Text.Json;
using OrgGateway.Jose;

namespace OrgGateway.Oidc;

internal abstract record BackchannelAnswer
{
    private BackchannelAnswer()
    {
    }

    /// <summary>The status and body may be anything.</summary>
    public sealed record Received(HttpStatusCode Status, byte[] Body, string? MediaType, TimeSpan? RetryAfter) : BackchannelAnswer
    {
        /// <summary>The server's nonce for the next proof (RFC 9449 §8), and whether a resource refused the last one for lack of it.</summary>
        public string? ProofNonce { get; init; }

        public bool ProofNonceIsWanted { get; init; }

        public bool TryReadObject(out JsonElement value) => StrictJson.TryParseObject(Body, out value);

        // Bodies hold tokens.
        public override string ToString() => $"{(int)Status}, {Body.Length} bytes";
    }

    /// <summary>No answer that could be read; <paramref name="Reason"/> is one of our own sentences.</summary>
    public sealed record Failed(string Reason) : BackchannelAnswer
    {
        /// <summary>The connection failed; a time that ran out or an answer too large is no such failure.</summary>
        public bool Unreached { get; init; }
    }
}
