using System.Diagnostics;
using OrgGateway.Answers;
using OrgGateway.Logs;
using OrgGateway.Orgs;

namespace OrgGateway.Tests.Logs;

/// <summary>Sixty kilobytes of anything take every pattern a moment, not minutes.</summary>
public sealed class AdversarialTextTests
{
    [Fact, Trait("Row", "T103")]
    public void No_pattern_is_slow_on_text_made_against_it()
    {
        var redaction = new Redaction(["a configured secret"]);
        var began = Stopwatch.StartNew();
        foreach (var unit in new[] { "a", "eyJ", "eyJaaaa.", "?", "?a", "Bearer ", "Bearer a", "password", "password ", "a://", "a:", "://", "ogk_", ".", "..", "a@", "%2f", "/..;" })
        {
            var text = string.Concat(Enumerable.Repeat(unit, 60 * 1024 / unit.Length));
            redaction.Clean(text);
            redaction.Clean("?" + text + "=" + text);
            LocalUrl.IsLocal("/" + text);
            OrgSegment.IsValid(text);
        }
        // Milliseconds each; minutes if one of them were to go back over what it has read.
        Assert.True(began.Elapsed < TimeSpan.FromSeconds(30), began.Elapsed.ToString());
    }
}
