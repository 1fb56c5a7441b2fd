using System.Text.Json.Serialization;

namespace OrgGateway.Webhooks;

/// <summary>A message on its way, as the store keeps it, sealed, until it was taken.</summary>
public sealed record WebhookMessage(string Id, string Type, DateTimeOffset At, WebhookUser User);

/// <summary>The person by issuer and subject, which never change; all else may.</summary>
public sealed record WebhookUser(string Issuer, string Subject, string? Email, string? Name, string? Picture);

/// <summary>What was last told of a person.</summary>
public sealed record KnownProfile(string? Email, string? Name, string? Picture);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WebhookMessage))]
[JsonSerializable(typeof(KnownProfile))]
public sealed partial class WebhookJson : JsonSerializerContext;
