using System.Collections;
using System.Globalization;
using System.Reflection;

namespace OrgGateway.Configuration;

/// <summary>
/// Compares a configuration section with the options type it will be bound to: unknown names and values of the wrong kind are
/// faults that name the setting. The binder by itself ignores the first and stops at the first of the second.
/// </summary>
public static class ShapeCheck
{
    public static void Check(IConfigurationSection section, Type type, Faults faults)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (IsScalar(type))
            CheckScalar(section, type, faults);
        else if (ElementOf(type) is { } element)
            CheckElements(section, type, element, faults);
        else
            CheckObject(section, type, faults);
    }

    private static void CheckObject(IConfigurationSection section, Type type, Faults faults)
    {
        if (section.Value is { Length: > 0 })
        {
            faults.Add(section.Path, "a single value where a section of settings belongs");
            return;
        }
        var known = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).ToArray();
        var reserved = type.GetCustomAttribute<ReservedAttribute>()?.Names ?? [];
        foreach (var child in section.GetChildren())
        {
            var property = Array.Find(known, p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is not null)
                Check(child, property.PropertyType, faults);
            else if (reserved.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                faults.Warn(child.Path, "accepted, but this version does not act on it");
            else
                faults.Add(child.Path, Unknown(child.Key, [.. known.Select(p => p.Name), .. reserved]));
        }
    }

    /// <summary>The sentence for an unknown name: the nearest known one where there is one, else all of them.</summary>
    public static string Unknown(string name, IReadOnlyCollection<string> known) => Nearest.To(name, known) is { } nearest
        ? $"unknown; did you mean '{nearest}'?"
        : $"unknown; allowed are {string.Join(", ", known.Order(StringComparer.Ordinal))}";

    private static void CheckElements(IConfigurationSection section, Type type, Type element, Faults faults)
    {
        if (section.Value is { Length: > 0 })
        {
            faults.Add(section.Path, typeof(IDictionary).IsAssignableFrom(type) ? "a single value where named entries belong" : "a single value where a list belongs");
            return;
        }
        foreach (var child in section.GetChildren())
            Check(child, element, faults);
    }

    private static void CheckScalar(IConfigurationSection section, Type type, Faults faults)
    {
        if (section.GetChildren().Any())
        {
            faults.Add(section.Path, $"a section or list where {Kind(type)} belongs");
            return;
        }
        if (section.Value is { } value && !Parses(value, type))
            // The value itself may be a secret in the wrong place, so only short plain kinds are echoed; strings never fail here.
            faults.Add(section.Path, $"'{value}' is not {Kind(type)}");
    }

    private static bool Parses(string value, Type type) =>
        type == typeof(string)
        || (type == typeof(bool) && bool.TryParse(value, out _))
        || (type == typeof(int) && int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _))
        || (type == typeof(TimeSpan) && TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out _))
        || (type.IsEnum && Enum.GetNames(type).Contains(value, StringComparer.OrdinalIgnoreCase));

    private static bool IsScalar(Type type) => type == typeof(string) || type == typeof(bool) || type == typeof(int) || type == typeof(TimeSpan) || type.IsEnum;

    private static Type? ElementOf(Type type) =>
        !type.IsGenericType ? null
        : type.GetGenericTypeDefinition() == typeof(Dictionary<,>) ? type.GetGenericArguments()[1]
        : type.GetGenericTypeDefinition() == typeof(List<>) ? type.GetGenericArguments()[0]
        : null;

    private static string Kind(Type type) =>
        type == typeof(bool) ? "true or false"
        : type == typeof(int) ? "a whole number"
        : type == typeof(TimeSpan) ? "a duration (days.hours:minutes:seconds, such as 00:05:00)"
        : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
        : "text";
}
