using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Configuration;

/// <summary>The schema that editors complete configurations with.</summary>
public sealed class ConfigurationSchemaTests
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private static readonly Lazy<JsonSchema> Schema = new(() => JsonSchema.FromText(File.ReadAllText(Repository.PathOf("config/schema.json"))));

    [Fact]
    public void The_schema_is_the_one_of_the_options()
    {
        var path = Repository.PathOf("config/schema.json");
        var made = new ConfigurationSchema().Write();
        if (Environment.GetEnvironmentVariable("UPDATE_SCHEMA") == "1")
            File.WriteAllText(path, made);
        Assert.True(File.ReadAllText(path) == made, "config/schema.json is stale: UPDATE_SCHEMA=1 tests/run --filter ConfigurationSchemaTests, and commit it");
    }

    [Theory]
    [InlineData("config/appsettings.json")]
    [InlineData("deploy/demo/appsettings.json")]
    public void Our_own_configurations_satisfy_it(string file) => AssertSatisfies(file);

    [Fact]
    public void Every_example_satisfies_it_and_names_it()
    {
        foreach (var file in Examples.Files)
        {
            AssertSatisfies(file);
            Assert.Equal("../schema.json", (string?)Parse(file)["$schema"]);
        }
    }

    [Theory]
    [InlineData("""{ "Gateway": { "PublicOrign": "https://app.example.com" } }""")]
    [InlineData("""{ "Gateway": { "Sessions": { "IdleTimeout": 30 } } }""")]
    [InlineData("""{ "Gateway": { "Sessions": { "IdleTimeout": "half an hour" } } }""")]
    [InlineData("""{ "Gateway": { "Store": { "Kind": "Memcached" } } }""")]
    [InlineData("""{ "Gateway": { "Organizations": { "acme": { "Nmae": "Acme" } } } }""")]
    [InlineData("""{ "ReverseProxy": { "Routes": { "a": { "ClusterId": "a", "Match": { "Path": "/" }, "Metadata": { "Acess": "public" } } } } }""")]
    [InlineData("""{ "ReverseProxy": { "Clusters": { "a": { "Destinations": { "a": { "Adress": "http://localhost" } } } } } }""")]
    public void Mistakes_are_marked(string configuration) => Assert.False(Evaluate(JsonNode.Parse(configuration)!).IsValid);

    private static void AssertSatisfies(string file)
    {
        var result = Evaluate(Parse(file));
        Assert.True(result.IsValid, file + ": " + JsonSerializer.Serialize(result));
    }

    private static JsonNode Parse(string file) => JsonNode.Parse(File.ReadAllText(Repository.PathOf(file)), documentOptions: Lenient)!;

    private static EvaluationResults Evaluate(JsonNode configuration) =>
        Schema.Value.Evaluate(JsonSerializer.SerializeToElement(configuration), new() { OutputFormat = OutputFormat.List });
}
