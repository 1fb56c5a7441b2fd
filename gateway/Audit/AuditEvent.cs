namespace OrgGateway.Audit;

/// <summary>One thing that happened to somebody's access. Nothing in it is secret: no token, cookie, code, key or query string.</summary>
/// <param name="Name">Stable, of <see cref="AuditNames"/>.</param>
public sealed record AuditEvent(string Name)
{
    /// <summary>Why, for refusals and ends: a stable code such as <c>not_a_member</c>.</summary>
    public string? Reason { get; init; }
    public string? Issuer { get; init; }
    public string? Subject { get; init; }
    public string? OrgId { get; init; }

    /// <summary>Public part of an API key.</summary>
    public string? KeyId { get; init; }

    /// <summary>How a refused API key begins, as far as it may be shown.</summary>
    public string? KeyPrefix { get; init; }
    public string? Route { get; init; }
    public string? Provider { get; init; }

    /// <summary>The caller's address, as known from trusted proxies.</summary>
    public string? Address { get; init; }
    public string? RequestId { get; init; }

    /// <summary>One sentence for whoever runs the gateway, where a reason needs one.</summary>
    public string? Detail { get; init; }
}
