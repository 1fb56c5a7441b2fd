using System.Text.Json.Serialization;

namespace OrgGateway.OrgTokens;

/// <summary>A minted token of an organization, as cached here and, sealed, in the store.</summary>
public sealed record OrganizationToken(string Value, DateTimeOffset Minted, DateTimeOffset Expires)
{
    private string? _bearer;

    /// <summary>What the next one may be had with, in place of the secret; where the source gives one.</summary>
    public string? RefreshToken { get; init; }

    public DateTimeOffset? RefreshTokenExpires { get; init; }

    /// <summary>Hash of the source's secrets: a token of an earlier secret is none. Stands here, sealed, and never in a key, where it could be guessed at.</summary>
    public string? Settings { get; init; }

    /// <summary>The value of a header, worked out once for the usual scheme.</summary>
    public string Header(string prefix) => prefix == "Bearer " ? _bearer ??= prefix + Value : prefix.Length == 0 ? Value : prefix + Value;

    /// <summary>When the store may forget it.</summary>
    [JsonIgnore]
    public DateTimeOffset KeptUntil => RefreshToken is not null && RefreshTokenExpires > Expires ? RefreshTokenExpires.Value : Expires;

    // What was worked out on the way is no part of a token.
    public bool Equals(OrganizationToken? other) => other is not null && Value == other.Value && Minted == other.Minted && Expires == other.Expires;

    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => $"token until {Expires:O} (hidden)";
}
