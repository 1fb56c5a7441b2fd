using System.Buffers.Text;
using System.Text.Json;

namespace OrgGateway.Tests.Fuzz;

/// <summary>What an accepted token says, read once more without the code under test.</summary>
internal sealed class ReferenceToken
{
    private readonly JsonElement _claims;

    public ReferenceToken(string token)
    {
        var parts = token.Split('.');
        using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0]));
        using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
        _claims = claims.RootElement.Clone();
        Type = header.RootElement.TryGetProperty("typ", out var typ) ? typ.GetString() : null;
    }

    public string? Type { get; }

    public bool Has(string name) => _claims.TryGetProperty(name, out _);

    public JsonElement? Of(string name) => _claims.TryGetProperty(name, out var value) ? value : null;

    public string? Text(string name) => Of(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public double? Seconds(string name) => Of(name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;

    /// <summary>The audience is the client alone (<paramref name="alone"/>), or among others.</summary>
    public bool IsFor(string client, bool alone) => Of("aud") switch
    {
        { ValueKind: JsonValueKind.String } one => one.GetString() == client,
        { ValueKind: JsonValueKind.Array } many => many.EnumerateArray().Any(Is) && (!alone || many.EnumerateArray().All(Is)),
        _ => false,
    };

    /// <summary>Made in the last minutes and, give or take the clocks, not in the future.</summary>
    public bool IsOf(long now, TimeSpan age, TimeSpan skew) => Seconds("iat") is { } iat && iat <= now + skew.TotalSeconds && iat >= now - skew.TotalSeconds - age.TotalSeconds
        && Seconds("exp") is { } exp && exp > now - skew.TotalSeconds;

    private static bool Is(JsonElement one) => one.ValueKind == JsonValueKind.String && one.GetString() == InMemoryProvider.ClientId;
}
