using System.Reflection;
using OrgGateway.Audit;
using OrgGateway.Revocation;
using OrgGateway.Sessions;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Audit;

/// <summary>Alerts are written against what the page on the audit names.</summary>
public sealed class AuditDocumentationTests
{
    [Fact]
    public void Every_event_and_every_reason_for_which_a_session_ends_stands_in_its_page()
    {
        var page = File.ReadAllText(Repository.PathOf("gateway/docs/audit.md"));
        var names = Constants(typeof(AuditNames)).Concat(Constants(typeof(RevocationReasons))).Concat(Enum.GetValues<SessionEnd>().Select(end => end.Reason()));
        Assert.DoesNotContain(names, name => !page.Contains($"`{name}`", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Constants(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!);
}
