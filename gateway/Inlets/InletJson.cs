using System.Text.Json.Serialization;

namespace OrgGateway.Inlets;

/// <summary>Error of OAuth kind (Back-Channel Logout §2.8).</summary>
public sealed record InletError([property: JsonPropertyName("error")] string Error, [property: JsonPropertyName("error_description")] string Description);

/// <summary>Error of a push delivery (RFC 8935 §2.4).</summary>
public sealed record DeliveryError([property: JsonPropertyName("err")] string Err, [property: JsonPropertyName("description")] string Description);

/// <summary>Error of SCIM (RFC 7644 §3.12).</summary>
public sealed record ScimError(
    [property: JsonPropertyName("schemas")] IReadOnlyList<string> Schemas, [property: JsonPropertyName("status")] string Status, [property: JsonPropertyName("detail")] string Detail);

[JsonSerializable(typeof(InletError))]
[JsonSerializable(typeof(DeliveryError))]
[JsonSerializable(typeof(ScimError))]
public sealed partial class InletJson : JsonSerializerContext;
