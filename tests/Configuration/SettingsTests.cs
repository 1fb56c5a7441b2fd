using Microsoft.Extensions.Configuration;
using OrgGateway.Configuration;

namespace OrgGateway.Tests.Configuration;

/// <summary>Settings with an index of their children read as the framework's own, whatever their names are.</summary>
public sealed class SettingsTests
{
    private static readonly Dictionary<string, string?> Sample = new()
    {
        ["A"] = "a",
        ["A:B"] = "ab",
        ["a:b:C"] = "abc",
        ["A:list:10"] = "ten",
        ["A:list:2"] = "two",
        ["A:list:x"] = "x",
        ["Z"] = "",
        ["z:"] = "empty name",
        [":y"] = "empty parent",
        ["Q:W:E"] = null,
    };

    [Fact]
    public void Every_section_has_the_children_that_the_frameworks_provider_gives_it_in_its_order()
    {
        var expected = new ConfigurationBuilder().AddInMemoryCollection(Sample).Build();

        Same(expected, Settings.Of(Sample));
    }

    [Fact]
    public void They_stand_beside_other_sources()
    {
        var other = new Dictionary<string, string?> { ["A:list:1"] = "one", ["A:B"] = "first", ["M"] = "m" };
        var expected = new ConfigurationBuilder().AddInMemoryCollection(other).AddInMemoryCollection(Sample).Build();

        using var live = new LiveConfiguration<object>(new ConfigurationBuilder().AddInMemoryCollection(Sample).Build(), (_, _) => null);

        var actual = new ConfigurationBuilder().AddInMemoryCollection(other).Add(live).Build();
        Assert.Equal(expected.GetSection("A").GetChildren().Select(c => c.Key), actual.GetSection("A").GetChildren().Select(c => c.Key));
        Assert.Equal(expected.GetSection("A:list").GetChildren().Select(c => c.Key), actual.GetSection("A:list").GetChildren().Select(c => c.Key));
        Assert.Equal(("ab", "m"), (actual["A:B"], actual["M"]));
    }

    [Fact]
    public void Of_layers_the_later_ones_win_and_what_one_of_them_unsets_is_gone()
    {
        var first = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["A:B"] = "1", ["A:C"] = "1", ["A:D"] = "1" });
        using var live = new LiveConfiguration<object>(
            first.AddInMemoryCollection(new Dictionary<string, string?> { ["a:b"] = "2", ["A:C"] = null })
                .AddConfiguration(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["A:E"] = "chained" }).Build()).Build(),
            (_, _) => null);

        var settings = new ConfigurationBuilder().Add(live).Build();

        Assert.Equal([("A", null), ("A:B", "2"), ("A:D", "1"), ("A:E", "chained")], settings.AsEnumerable().Select(pair => (pair.Key, pair.Value)).OrderBy(pair => pair.Key));
    }

    [Fact]
    public void Nobody_sets_one()
    {
        var settings = Settings.Of(Sample);
        settings["A"] = "other";

        Assert.Equal("a", settings["A"]);
    }

    private static void Same(IConfiguration expected, IConfiguration actual)
    {
        var (ofExpected, ofActual) = (expected.GetChildren().ToList(), actual.GetChildren().ToList());
        Assert.Equal(ofExpected.Select(c => (c.Path, c.Value)), ofActual.Select(c => (c.Path, c.Value)));
        foreach (var (one, other) in ofExpected.Zip(ofActual))
            Same(one, other);
    }
}
