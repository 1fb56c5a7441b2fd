namespace OrgGateway.Sealing;

/// <summary>One key of the ring: any string of at least 16 characters; its UTF-8 bytes are the keying material.</summary>
public sealed record SealingKey(string Id, string Secret)
{
    public const int LeastLength = 16;

    /// <returns>Why a secret is refused, or null when it will do.</returns>
    public static string? Fault(string? secret) =>
        string.IsNullOrWhiteSpace(secret) ? $"missing; at least {LeastLength} characters, for example from 'openssl rand -base64 32'"
        : secret.Length < LeastLength ? $"has {secret.Length} characters; at least {LeastLength} are needed, for example from 'openssl rand -base64 32'"
        : null;

    public override string ToString() => $"{Id} (secret hidden)";
}
