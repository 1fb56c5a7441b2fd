using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using OrgGateway.Configuration;
using OrgGateway.Hosting;
using OrgGateway.Storage;
using OrgGateway.Tests.Configuration;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Configuration files: sound, so that a gateway can be built of it, or with faults that each name a setting.</summary>
internal sealed class ConfigurationTarget : FuzzTarget
{
    private const string Proxy = """
        {"Gateway":{"PublicOrigin":"https://app.example.com","IdentityProviders":{"main":{"Issuer":"https://id.example.com","ClientId":"gateway","ClientSecret":"a secret of the fuzzers"}}},
         "ReverseProxy":{"Routes":{"a":{"ClusterId":"app","Order":1,"Timeout":"00:00:10","MaxRequestBodySize":1000,"Match":{"Path":"/orgs/{org}/{**rest}","Hosts":["*.example.com"],"Methods":["GET"],"Headers":[{"Name":"x","Values":["y"],"Mode":"ExactHeader","IsCaseSensitive":true}],
         "QueryParameters":[{"Name":"q","Values":["v"],"Mode":"Contains"}]},"Transforms":[{"PathPrefix":"/x"},{"RequestHeader":"a","Append":"b"},{"PathPattern":"/{org}"}],"Metadata":{"Access":"member","Token":"user","Roles":"admin","MaxClaimAge":"00:05:00","Origins":"https://a.example"}}},
         "Clusters":{"app":{"LoadBalancingPolicy":"RoundRobin","SessionAffinity":{"Enabled":true,"Policy":"Cookie","AffinityKeyName":"k","FailurePolicy":"Return503Error","Cookie":{"MaxAge":"00:10:00","HttpOnly":true,"SameSite":"Lax"}},
         "HealthCheck":{"Active":{"Enabled":false,"Interval":"00:00:10","Timeout":"00:00:05","Path":"/h"},"Passive":{"Enabled":true,"ReactivationPeriod":"00:01:00"}},"HttpClient":{"MaxConnectionsPerServer":10,"SslProtocols":["Tls13"],"RequestHeaderEncoding":"utf-8"},
         "HttpRequest":{"ActivityTimeout":"00:01:00","Version":"2","VersionPolicy":"RequestVersionExact","AllowResponseBuffering":false},"Destinations":{"a":{"Address":"http://localhost:9000","Health":"http://localhost:9001","Host":"h"}},"Metadata":{"k":"v"}}}}}
        """;

    private readonly JsonGrammar _grammar = new([Proxy, .. Examples.Files.Append("deploy/demo/appsettings.json").Append("config/appsettings.json").Select(file => File.ReadAllText(Repository.PathOf(file)))])
    {
        Values =
        [
            "", " ", "0", "-1", "99999999999999999999", "2147483648", "1e9", "00:00:00", "-00:00:01", "10675199.02:48:05.4775807", "24:00:00", "1", "true", "main", "acme", "https://a.example", "http://a.example", "https://a.example/", "https://", "http://[::1", "//a", "a:b", "*", "*.example.com",
            "/", "/x", "/x/{org}/{**rest}", "/{org", "/{a}/{a}", "/{**a}/b", "RS256", "none", "HS256", "10.0.0.0/8", "10.0.0.0/99", "::1", "keycloak", "PEM", "/dev/null", "/nowhere", "member", "public", "session, bearer", "user", "exchange:", "exchange:x", "host", "kraken", "Memory",
            "bearer", "apikey", "{id}", "{domain}", "/a~2", "a\\u0000b", "\\u00e9", "localhost:6379,password=x", "1.2.3", "Round Robin", "POST", "GET,GET",
        ],
    };

    public override string Name => "configuration";
    public override int Inputs => 250;
    public override IReadOnlyList<string> Words { get; } = [.. Fuzz.Words.Json, "\"Gateway\"", "\"ReverseProxy\"", "\"Routes\"", "\"Metadata\"", "\"Order\"", "\"Match\"", "\"Path\"", "\"Transforms\"", "\"Organizations\"", "\"Token\"", "\"Timeout\"", "99999999999999999999"];
    public override int Longest => 32 * 1024;
    public override long Allocated => 64L * 1024 * 1024;
    public override long AllocatedPerByte => 2000;

    public override byte[] Generate(SeededNumbers numbers) => Bytes(_grammar.Text(numbers, calm: numbers.Of([30, 100, 300, 1000, 3000])));

    public override FuzzOutcome Try(byte[] input)
    {
        IConfigurationRoot layers;
        try
        {
            layers = new ConfigurationBuilder().AddJsonStream(new MemoryStream(input)).Build();
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidDataException or InvalidOperationException)
        {
            // Of a file the reader says so with an InvalidDataException that names it, whatever was wrong.
            return FuzzOutcome.Refuse("no JSON object");
        }
        var check = new ConfigurationCheck(development: false);
        using var live = new LiveConfiguration<CheckedConfiguration>(layers, check.Run);
        var faults = new Faults();
        var settings = new ConfigurationBuilder().Add(live).Build();
        if (check.Run(settings, faults) is { } sound)
        {
            FuzzViolation.Unless(!faults.Any, "sound and with faults");
            if (sound.Options.Store.Kind == StoreKind.Memory && SHA256.HashData(input)[0] < 32)
                Build(live, sound);
            return FuzzOutcome.Accept($"sound {sound.Routes.Count} {faults.Warnings.Count}");
        }
        FuzzViolation.Unless(faults.Any, "refused without a fault");
        foreach (var setting in faults.Settings)
            FuzzViolation.Unless(setting.StartsWith("Gateway", StringComparison.OrdinalIgnoreCase) || setting.StartsWith("ReverseProxy", StringComparison.OrdinalIgnoreCase) || setting == "Urls", $"a fault names no setting: '{setting}'");
        return FuzzOutcome.Refuse(string.Join(' ', faults.All.Select(fault => fault.Split(' ', 2)[1].Split('\'')[0]).Distinct().Order(StringComparer.Ordinal).Take(2)));
    }

    // Whatever the check has found sound starts.
    private static void Build(LiveConfiguration<CheckedConfiguration> live, CheckedConfiguration sound)
    {
        var app = GatewayHost.BuildAsync(live, sound, "Production", forCommand: true).GetAwaiter().GetResult();
        app.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
