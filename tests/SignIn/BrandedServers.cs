using System.Text.Json.Nodes;
using OrgGateway.Demo.IdentityProvider;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.SignIn;

/// <summary>The demo with a look of its own, two providers, and a person whose organizations have names that nobody should have.</summary>
public sealed class BrandedServers : IAsyncLifetime
{
    public const string Markup = "\"><img src=x onerror=alert(1)><script>alert(2)</script>";
    public const string Mallory = "mallory@markup.test";

    private GatewayStack? _stack;
    private DemoProvider? _second;

    public GatewayStack Stack => _stack!;
    public DemoProvider Second => _second!;

    public async Task InitializeAsync()
    {
        _second = await DemoProvider.StartAsync(new(), CancellationToken.None);
        _stack = await GatewayStack.StartAsync(new()
        {
            Configure = (stack, configuration) =>
            {
                var gateway = configuration["Gateway"]!;
                var partner = gateway["IdentityProviders"]!["main"]!.DeepClone().AsObject();
                (partner["Issuer"], partner["DisplayName"]) = (_second.Issuer, "Partner ID");
                gateway["IdentityProviders"]!["main"]!["DisplayName"] = "Acme ID";
                gateway["IdentityProviders"]!["partner"] = partner;
                gateway["Organizations"]!["globex"]!["IdentityProvider"] = "partner";
                gateway["Branding"] = new JsonObject
                {
                    ["Name"] = "Acme & Friends",
                    ["Logo"] = Repository.PathOf("tests/SignIn/data/logo.svg"),
                    ["Colors"] = new JsonObject { ["Accent"] = "#7a1fa2", ["AccentDark"] = "#e0b0ff" },
                };
                _second.Register(new("gateway") { Secret = "gateway-demo-secret", RedirectUris = [$"{stack.Origin}/auth/callback/partner"] });
            },
            Prepare = provider => provider.Put(new("u-mallory", Mallory, Markup, DemoDirectory.Password,
            [
                new("org_m1", "m1", "A " + Markup, ["role" + Markup]),
                new("org_m2", "m2", "Plain", ["viewer"]),
            ])),
        });
    }

    public async Task DisposeAsync()
    {
        await Stack.DisposeAsync();
        await Second.DisposeAsync();
    }
}
