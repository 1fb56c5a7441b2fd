using System.Globalization;
using System.Security.Cryptography;
using Xunit.Abstractions;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Every parser that meets a stranger, with a few thousand inputs on every run of the tests and with millions by <c>tests/fuzz/run</c>.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly FuzzTarget[] Targets =
    [
        new CookieTarget(), new PathTarget(), new NextTarget(), new CallbackTarget(), new JwsTarget(), new JwksTarget(), new FramesTarget(),
        new MetadataTarget(), new IdTokenTarget(), new LogoutTokenTarget(), new EventTarget(), new ClaimsTarget(), new HeadersTarget(), new CredentialsTarget(), new GraphQlTarget(), new LoginCookieTarget(), new SocketStreamTarget(), new ConfigurationTarget(),
    ];

    public static TheoryData<string> Names => [.. Targets.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void No_input_breaks_or_deceives(string name)
    {
        var settings = FuzzSettings.Read();
        if (settings.Target is { } only && only != name)
            return;
        var target = Targets.Single(one => one.Name == name);
        var report = settings.Run(target, Targets);
        output.WriteLine(report.Row());
        Assert.True(report.Failures.Count == 0, string.Join('\n', report.Failures));
    }
}
