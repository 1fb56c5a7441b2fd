using OrgGateway.Identities;

namespace OrgGateway.ApiKeys;

public enum ApiKeyStatus
{
    /// <summary>Never was, revoked, or not of a key's form.</summary>
    NotFound,
    Valid,
    Expired,
    Disabled,

    /// <summary>The store cannot be read: nothing is known of the key.</summary>
    Unavailable,
}

/// <summary>What is behind a key. <see cref="Identity"/> is set when valid; <see cref="Record"/> whenever there is one.</summary>
public readonly record struct ApiKeyRead(ApiKeyStatus Status, ApiKeyRecord? Record = null, Identity? Identity = null);
