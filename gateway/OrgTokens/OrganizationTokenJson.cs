using System.Text.Json.Serialization;

namespace OrgGateway.OrgTokens;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OrganizationToken))]
[JsonSerializable(typeof(OrganizationTokenFailure))]
[JsonSerializable(typeof(OrganizationTokenMessage))]
public sealed partial class OrganizationTokenJson : JsonSerializerContext;
