namespace OrgGateway.Explain;

/// <summary>What would happen to a request, which rule decides, and why. Written as JSON with these names; nothing in it is secret.</summary>
public sealed record Explanation
{
    public required string Path { get; init; }
    public required string Method { get; init; }
    public required string Kind { get; init; }

    /// <summary>The subject explained for; null for nobody.</summary>
    public string? User { get; init; }

    /// <summary>What is known of the subject: <c>session</c>, <c>configuration</c>, or <c>unknown</c>.</summary>
    public string? KnownFrom { get; init; }

    /// <summary>Id of the route that matches; null: none.</summary>
    public string? Route { get; init; }
    public string? Cluster { get; init; }
    public string? OrgId { get; init; }
    public string? OrgSlug { get; init; }
    public IReadOnlyList<string> Roles { get; init; } = [];
    public IReadOnlyList<string> Permissions { get; init; } = [];

    /// <summary><c>forward</c>, <c>refuse</c>, <c>redirect</c> or <c>gateway</c> (the gateway's own endpoint).</summary>
    public required string Outcome { get; init; }

    /// <summary>Status of the answer; null where the upstream would give it.</summary>
    public int? Status { get; init; }
    public string? Location { get; init; }

    /// <summary>The problem's stable code.</summary>
    public string? Code { get; init; }

    /// <summary>The rule that decides: a key of the route's metadata with its value, or a rule that holds everywhere.</summary>
    public required string Rule { get; init; }
    public required string Why { get; init; }
}

[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.CamelCase)]
[System.Text.Json.Serialization.JsonSerializable(typeof(Explanation))]
public sealed partial class ExplanationJson : System.Text.Json.Serialization.JsonSerializerContext;
