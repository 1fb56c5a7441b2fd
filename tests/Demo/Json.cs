using System.Text.Json.Nodes;

namespace OrgGateway.Tests.Demo;

internal static class Json
{
    public static string Text(this JsonNode json, string member) => json[member]!.GetValue<string>();
}
