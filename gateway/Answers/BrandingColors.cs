using System.Globalization;
using OrgGateway.Configuration;

namespace OrgGateway.Answers;

/// <summary>Colours as <c>#rrggbb</c>. What stands on the accent is black or white, whichever reads better.</summary>
public sealed class BrandingColors
{
    /// <summary>Buttons, links and focus in light pages. Default <c>#1d4ed8</c>.</summary>
    public string Accent { get; init; } = "#1d4ed8";

    /// <summary>The same in dark pages. Default <c>#93b4ff</c>.</summary>
    public string AccentDark { get; init; } = "#93b4ff";

    /// <summary>Behind the content, in light pages. Default <c>#f3f4f7</c>.</summary>
    public string Background { get; init; } = "#f3f4f7";

    /// <summary>The same in dark pages. Default <c>#101216</c>.</summary>
    public string BackgroundDark { get; init; } = "#101216";

    public void Check(string path, Faults faults)
    {
        CheckColor(path + ":Accent", Accent, faults);
        CheckColor(path + ":AccentDark", AccentDark, faults);
        CheckColor(path + ":Background", Background, faults);
        CheckColor(path + ":BackgroundDark", BackgroundDark, faults);
    }

    /// <summary>Black or white, whichever has the greater contrast with a colour (WCAG 2.2 §1.4.3).</summary>
    internal static string On(string color) => Luminance(color) > 0.179 ? "#000000" : "#ffffff";

    // Relative luminance, WCAG 2.2.
    private static double Luminance(string color) => (0.2126 * Channel(color, 1)) + (0.7152 * Channel(color, 3)) + (0.0722 * Channel(color, 5));

    private static double Channel(string color, int at)
    {
        var value = int.Parse(color.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }

    // Nothing but digits: the text becomes part of a style sheet.
    private static void CheckColor(string setting, string color, Faults faults)
    {
        if (color.Length != 7 || color[0] != '#' || !color.AsSpan(1).ToString().All(char.IsAsciiHexDigit))
            faults.Add(setting, "a colour such as #1d4ed8");
    }
}
