using System.Reflection;
using System.Text.RegularExpressions;
using OrgGateway.Hosting;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Conventions;

/// <summary>What the house agreed on, held by the build.</summary>
public sealed partial class ConventionTests
{
    /// <summary>Lowest first: a folder may use those before it and none after it.</summary>
    private static readonly string[] Folders =
    [
        "Configuration",
        "Telemetry",
        "Health",
        "Logs",
        "Audit",
        "Answers",
        "Jose",
        "Sealing",
        "Storage",
        "Revocation",
        "Orgs",
        "Identities",
        "Sessions",
        "Oidc",
        "Tokens",
        "Limits",
        "OrgTokens",
        "Bearer",
        "ApiKeys",
        "Access",
        "Assertions",
        "Replay",
        "Proxy",
        "Webhooks",
        "Sockets",
        "SignIn",
        "Inlets",
        "Explain",
        "ForwardAuth",
        "Admin",
        "Hosting",
    ];

    private static readonly Type[] Types = [.. typeof(GatewayProgram).Assembly.GetTypes().Where(t => !t.Name.Contains('<', StringComparison.Ordinal) && t.Namespace?.StartsWith("OrgGateway", StringComparison.Ordinal) == true)];

    [Fact]
    public void Every_folder_of_the_gateway_has_its_place_in_the_order() =>
        Assert.Equal(Folders.Order(StringComparer.Ordinal), Sources().Select(s => s.Folder).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Imports_go_one_way()
    {
        var wrong = new List<string>();
        foreach (var (folder, file, text) in Sources())
            foreach (Match import in Qualified().Matches(WithoutComments().Replace(text, "")))
                if (Array.IndexOf(Folders, import.Groups[1].Value) > Array.IndexOf(Folders, folder))
                    wrong.Add($"{file} uses {import.Groups[1].Value}");
        Assert.Empty(wrong.Distinct());
    }

    [Fact]
    public void Classes_are_sealed_static_or_abstract() =>
        Assert.Empty(Types.Where(t => t is { IsClass: true, IsSealed: false, IsAbstract: false } && !typeof(Delegate).IsAssignableFrom(t)).Select(t => t.FullName));

    [Fact]
    public void Asynchronous_methods_say_so() =>
        Assert.Empty(Types.Where(t => !typeof(Delegate).IsAssignableFrom(t))
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(m => !m.Name.Contains('<', StringComparison.Ordinal) && !m.IsSpecialName && IsAwaitable(m.ReturnType) && !m.Name.EndsWith("Async", StringComparison.Ordinal))
            .Select(m => $"{m.DeclaringType!.Name}.{m.Name}"));

    [Fact]
    public void Event_ids_are_unique_and_of_their_capabilitys_hundreds()
    {
        var events = Types.SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Select(m => (m.DeclaringType!.Namespace, Event: m.GetCustomAttribute<Microsoft.Extensions.Logging.LoggerMessageAttribute>()))
            .Where(e => e.Event is not null).ToList();
        Assert.NotEmpty(events);
        Assert.Empty(events.GroupBy(e => e.Event!.EventId).Where(g => g.Count() > 1).Select(g => g.Key));
        Assert.Empty(events.GroupBy(e => e.Event!.EventId / 100).Where(g => g.Select(e => e.Namespace).Distinct().Count() > 1).Select(g => g.Key));
    }

    [Fact]
    public void No_file_of_the_gateway_holds_a_second_idea() =>
        Assert.Empty(Sources().Where(s => s.Text.Count(c => c == '\n') > 300).Select(s => s.File));

    [Fact]
    [Trait("Row", "T80")]
    public void Secrets_and_proofs_are_compared_in_fixed_time()
    {
        Assert.Empty(Sources().SelectMany(s => EarlyExit().Matches(WithoutComments().Replace(s.Text, "")).Select(m => $"{s.File}: {m.Value}")));
        // And where they are compared at all, it is by the one method.
        Assert.True(Sources().Count(s => s.Text.Contains("CryptographicOperations.FixedTimeEquals", StringComparison.Ordinal)) >= 3);
    }

    private static bool IsAwaitable(Type type) => typeof(Task).IsAssignableFrom(type) || type == typeof(ValueTask)
        || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>));

    private static IEnumerable<(string Folder, string File, string Text)> Sources()
    {
        var root = Repository.PathOf("gateway");
        foreach (var file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
        {
            var parts = Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar);
            if (parts.Length > 1 && parts[0] is not ("bin" or "obj" or "standins" or "docs"))
                yield return (parts[0], Path.GetRelativePath(root, file), File.ReadAllText(file));
        }
    }

    [GeneratedRegex(@"\bOrgGateway\.([A-Z][A-Za-z]+)\b")]
    private static partial Regex Qualified();

    [GeneratedRegex(@"\b\w*([Ss]ecret|[Pp]assword|[Vv]erifier|[Nn]once|[Mm]ac|[Ss]ignature|[Cc]ookieValue)\b(\s*(==|!=)(?!\s*(null|default)\b)|\.(Equals|SequenceEqual|AsSpan\(\)\.SequenceEqual)\()")]
    private static partial Regex EarlyExit();

    [GeneratedRegex(@"//[^\n]*")]
    private static partial Regex WithoutComments();
}
