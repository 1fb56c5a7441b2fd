using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrgGateway.Health;

/// <summary>What <c>/health/live</c> and <c>/health/ready</c> answer.</summary>
public sealed record HealthAnswer(string Status, IReadOnlyDictionary<string, string>? Parts = null)
{
    /// <summary>The process runs.</summary>
    public static readonly HealthAnswer Live = new("ok");
}

/// <summary>Compiled ahead: the first probe decides how long a start takes, and reflection would be most of its answer.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthAnswer))]
internal sealed partial class HealthJson : JsonSerializerContext;
