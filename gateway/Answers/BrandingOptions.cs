using OrgGateway.Configuration;

namespace OrgGateway.Answers;

/// <summary><c>Gateway:Branding</c>: how the gateway's own pages look. Read at start.</summary>
public sealed class BrandingOptions
{
    private const int LongestName = 64;
    private const int LargestLogo = 64 * 1024;
    private const int LargestTemplate = 128 * 1024;

    /// <summary>Name shown on every page. At most 64 characters; default none.</summary>
    public string? Name { get; init; }

    /// <summary>Path of an SVG or PNG file, at most 64 KiB, put into the pages themselves. Default none.</summary>
    public string? Logo { get; init; }

    public BrandingColors Colors { get; init; } = new();

    /// <summary>
    /// Path of an HTML file, at most 128 KiB, that takes the place of the frame around the content. <c>{{content}}</c> must stand in it;
    /// <c>{{title}}</c>, <c>{{name}}</c>, <c>{{lang}}</c>, <c>{{logo}}</c> and <c>{{style}}</c> may. Its own style elements work, scripts and
    /// anything from another origin do not. Default none.
    /// </summary>
    public string? Template { get; init; }

    /// <summary>Language of the pages (BCP 47), for browsers and screen readers. Default <c>en</c>.</summary>
    public string Language { get; init; } = "en";

    /// <summary>Sentences of the pages, as they are in English, and what to say in their place.</summary>
    public Dictionary<string, string> Texts { get; init; } = [];

    public void Check(string path, Faults faults)
    {
        if (Name is { Length: > LongestName })
            faults.Add(path + ":Name", $"at most {LongestName} characters");
        Colors.Check(path + ":Colors", faults);
        if (Language.Length is 0 or > 35 || !Language.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            faults.Add(path + ":Language", "a language tag such as en or de-CH (BCP 47)");
        CheckFile(path + ":Logo", Logo, LargestLogo, faults);
        if (!string.IsNullOrEmpty(Logo) && LogoType is null)
            faults.Add(path + ":Logo", "a file whose name ends in .svg or .png");
        if (CheckFile(path + ":Template", Template, LargestTemplate, faults) && !File.ReadAllText(Template!).Contains("{{content}}", StringComparison.Ordinal))
            faults.Add(path + ":Template", "{{content}} is missing: the pages would be empty");
    }

    internal string? LogoType => Path.GetExtension(Logo)?.ToUpperInvariant() switch
    {
        ".SVG" => "image/svg+xml",
        ".PNG" => "image/png",
        _ => null,
    };

    private static bool CheckFile(string setting, string? file, int largest, Faults faults)
    {
        if (string.IsNullOrEmpty(file))
            return false;
        var info = new FileInfo(file);
        if (!info.Exists)
            faults.Add(setting, $"there is no file {info.FullName}");
        else if (info.Length > largest)
            faults.Add(setting, $"the file has more than {largest / 1024} KiB");
        return info.Exists && info.Length <= largest;
    }
}
