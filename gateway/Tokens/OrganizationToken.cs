using System.Text.Json.Serialization;

namespace OrgGateway.Tokens;

/// <summary>A minted token of an organization, as cached here and, sealed, in the store.</summary>
public sealed record OrganizationToken(string Value, DateTimeOffset Minted, DateTimeOffset Expires)
{
    public override string ToString() => $"token until {Expires:O} (hidden)";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(OrganizationToken))]
public sealed partial class OrganizationTokenJson : JsonSerializerContext;
