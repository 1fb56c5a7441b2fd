namespace OrgGateway.Oidc;

/// <summary>A token endpoint's success (RFC 6749 §5.1).</summary>
public sealed record TokenResponse
{
    public required string AccessToken { get; init; }
    public required string TokenType { get; init; }

    /// <summary>Always set: an answer that does not say gets the configured default, never "endless".</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>Null: the one presented, if any, stays in use (RFC 6749 §6).</summary>
    public string? RefreshToken { get; init; }

    /// <summary>Null where the provider does not say.</summary>
    public DateTimeOffset? RefreshTokenExpires { get; init; }

    /// <summary>Not yet validated.</summary>
    public string? IdToken { get; init; }

    public string? Scope { get; init; }

    public override string ToString() => $"TokenResponse {{ *** until {Expires:O} }}";
}
