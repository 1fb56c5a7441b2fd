using System.Text;
using System.Text.Json;
using OrgGateway.Jose;

namespace OrgGateway.Inlets;

/// <summary>What a PATCH asks for, as far as it is served (RFC 7644 §3.5.2).</summary>
internal enum ScimPatchKind
{
    Malformed,

    /// <summary>Anything but a change of <c>active</c>.</summary>
    NotServed,
    Deactivates,
    Activates,
}

internal static class ScimPatch
{
    public static ScimPatchKind Read(string body)
    {
        if (!StrictJson.TryParseObject(Encoding.UTF8.GetBytes(body), out var patch) || Member(patch, "Operations") is not { ValueKind: JsonValueKind.Array } operations)
            return ScimPatchKind.Malformed;
        var kind = ScimPatchKind.NotServed;
        foreach (var operation in operations.EnumerateArray())
        {
            if (operation.ValueKind != JsonValueKind.Object || Member(operation, "op") is not { ValueKind: JsonValueKind.String } op)
                return ScimPatchKind.Malformed;
            if (!op.GetString()!.Equals("replace", StringComparison.OrdinalIgnoreCase) && !op.GetString()!.Equals("add", StringComparison.OrdinalIgnoreCase))
                continue;
            // With a path, or as a member of the value; whoever deactivates among other changes means it.
            var active = Member(operation, "value") is not { } value ? null
                : Member(operation, "path") is { } path ? (path.ValueKind == JsonValueKind.String && path.GetString()!.Equals("active", StringComparison.OrdinalIgnoreCase) ? Truth(value) : null)
                : value.ValueKind == JsonValueKind.Object && Member(value, "active") is { } member ? Truth(member)
                : null;
            kind = active switch
            {
                false => ScimPatchKind.Deactivates,
                true when kind == ScimPatchKind.NotServed => ScimPatchKind.Activates,
                _ => kind,
            };
        }
        return kind;
    }

    // Attribute names are case-insensitive (RFC 7643 §2.1).
    private static JsonElement? Member(JsonElement element, string name)
    {
        foreach (var member in element.EnumerateObject())
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return member.Value;
        return null;
    }

    // Some directories send "False", in quotes.
    private static bool? Truth(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when bool.TryParse(value.GetString(), out var truth) => truth,
        _ => null,
    };
}
