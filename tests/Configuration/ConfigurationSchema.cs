using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrgGateway.Access;
using OrgGateway.Configuration;
using OrgGateway.Hosting;

namespace OrgGateway.Tests.Configuration;

/// <summary>Makes <c>config/schema.json</c> of the options types, so that it cannot say anything else than the gateway accepts.</summary>
internal sealed class ConfigurationSchema
{
    private const string Duration = @"^-?([0-9]+|([0-9]+\.)?[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,7})?)?)$";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // What a route's policy may say, for editors; the parser is the judge of values.
    private static readonly Dictionary<string, (string? Values, string Description)> Policies = new(StringComparer.Ordinal)
    {
        ["Access"] = ("member authenticated public", "Who may pass: members of the URL's organization, everybody signed in, or everybody"),
        ["Org"] = ("path host none", "Where the organization of a request stands"),
        ["WebSocket"] = ("allow require deny", "Whether WebSocket upgrades pass, must be, or must not be"),
        ["HideExistence"] = ("true false", "404 in place of 403"),
        ["ReportOnly"] = ("true false", "Decide, log, forward anyway"),
        ["Static"] = ("true false", "No session look-up at all, public"),
        ["EmailVerified"] = ("true false", "Refuse unverified e-mail addresses"),
        ["Assertion"] = ("on off", "The signed identity assertion"),
        ["Token"] = (null, "What the app gets as bearer token: none, user, organization, user-or-organization, exchange:<audience>"),
        ["Roles"] = (null, "Any of these, comma separated"),
        ["Permissions"] = (null, "All of these, comma separated"),
        ["Origins"] = (null, "More origins allowed to open WebSockets, comma separated"),
    };

    private readonly OptionsDocumentation _documentation = new();

    public string Write() => new JsonObject
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["title"] = "OrgGateway configuration",
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["$schema"] = new JsonObject { ["type"] = "string" },
            ["Urls"] = new JsonObject { ["type"] = "string", ["description"] = "Addresses to listen on, separated by semicolons. Default http://0.0.0.0:8080", ["examples"] = new JsonArray("http://0.0.0.0:8080") },
            ["Kestrel"] = new JsonObject { ["type"] = "object", ["description"] = "The server's own settings" },
            ["Gateway"] = Of(typeof(GatewayOptions), new GatewayOptions()),
            ["ReverseProxy"] = Proxy(),
        },
    }.ToJsonString(Indented) + "\n";

    private JsonObject Of(Type type, object? standard)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Of(underlying, standard);
        if (type == typeof(string))
            return WithDefault(new() { ["type"] = new JsonArray("string", "null") }, standard);
        if (type == typeof(bool))
            return WithDefault(new() { ["type"] = "boolean" }, standard);
        if (type == typeof(int))
            return WithDefault(new() { ["type"] = "integer" }, standard);
        if (type == typeof(TimeSpan))
            return WithDefault(new() { ["type"] = "string", ["pattern"] = Duration }, standard is TimeSpan span ? span.ToString("c", CultureInfo.InvariantCulture) : null);
        if (type.IsEnum)
            return WithDefault(new() { ["type"] = "string", ["enum"] = Names(type) }, standard?.ToString());
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>))
            return new() { ["type"] = "object", ["additionalProperties"] = Of(type.GetGenericArguments()[1], null) };
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>))
            return new() { ["type"] = new JsonArray("array", "null"), ["items"] = Of(type.GetGenericArguments()[0], null) };
        return Section(type, standard);
    }

    private JsonObject Section(Type type, object? standard)
    {
        standard ??= type.GetConstructor(Type.EmptyTypes) is { } constructor ? constructor.Invoke(null) : null;
        var properties = new JsonObject();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).OrderBy(p => p.MetadataToken))
        {
            var schema = Of(property.PropertyType, standard is null ? null : property.GetValue(standard));
            if ((_documentation.Of(type, property.Name) ?? _documentation.Of(property.PropertyType)) is { } description)
                schema.Insert(0, "description", description);
            properties[property.Name] = schema;
        }
        foreach (var name in type.GetCustomAttribute<ReservedAttribute>()?.Names ?? [])
            properties[name] = new JsonObject { ["description"] = "Accepted; this version does not act on it" };
        return new() { ["type"] = new JsonArray("object", "null"), ["additionalProperties"] = false, ["properties"] = properties };
    }

    // The binder takes any case; these two are what people write.
    private static JsonArray Names(Type type) => [.. Enum.GetNames(type).SelectMany(n => new[] { n, JsonNamingPolicy.CamelCase.ConvertName(n) }).Distinct(StringComparer.Ordinal).Select(n => JsonValue.Create(n))];

    private static JsonObject WithDefault(JsonObject schema, object? standard)
    {
        if (standard is not null && standard is not "" && standard is not IEnumerable { } || standard is string { Length: > 0 })
            schema["default"] = JsonSerializer.SerializeToNode(standard);
        return schema;
    }

    private static JsonObject Proxy()
    {
        var text = new JsonObject { ["type"] = new JsonArray("string", "null") };
        var metadata = new JsonObject();
        foreach (var name in Known().Order(StringComparer.Ordinal))
        {
            var schema = new JsonObject { ["type"] = "string" };
            if (Policies.TryGetValue(name, out var policy))
            {
                schema["description"] = policy.Description;
                if (policy.Values is { } values)
                    schema["enum"] = new JsonArray([.. values.Split(' ').Select(v => JsonValue.Create(v))]);
            }
            metadata[name] = schema;
        }
        var routes = new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray("ClusterId", "Match"),
            ["properties"] = new JsonObject
            {
                ["ClusterId"] = new JsonObject { ["type"] = "string", ["description"] = "Name under Clusters" },
                ["Order"] = new JsonObject { ["type"] = "integer" },
                ["Match"] = new JsonObject
                {
                    ["type"] = "object",
                    ["properties"] = new JsonObject
                    {
                        ["Path"] = new JsonObject { ["type"] = "string", ["description"] = "Path template; {org} is the organization", ["examples"] = new JsonArray("/orgs/{org}/{**rest}") },
                        ["Hosts"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
                        ["Methods"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
                    },
                },
                ["Metadata"] = new JsonObject { ["type"] = "object", ["description"] = "The route's policy", ["additionalProperties"] = false, ["properties"] = metadata },
                ["Transforms"] = new JsonObject { ["type"] = "array", ["description"] = "YARP's own" },
            },
        };
        var clusters = new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray("Destinations"),
            ["properties"] = new JsonObject
            {
                ["LoadBalancingPolicy"] = text,
                ["Destinations"] = new JsonObject
                {
                    ["type"] = "object",
                    ["additionalProperties"] = new JsonObject
                    {
                        ["type"] = "object",
                        ["required"] = new JsonArray("Address"),
                        ["properties"] = new JsonObject { ["Address"] = new JsonObject { ["type"] = "string", ["pattern"] = "^https?://" } },
                    },
                },
            },
        };
        return new()
        {
            ["type"] = "object",
            ["description"] = "Routes and clusters, as YARP reads them",
            ["additionalProperties"] = false,
            ["properties"] = new JsonObject
            {
                ["Routes"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = routes },
                ["Clusters"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = clusters },
            },
        };
    }

    private static IEnumerable<string> Known() => ((string[])["Known", "NotEnforced"])
        .Select(name => typeof(RoutePolicyParser).GetField(name, BindingFlags.NonPublic | BindingFlags.Static)?.GetValue(null) as string[])
        .SelectMany(names => names ?? []);
}
