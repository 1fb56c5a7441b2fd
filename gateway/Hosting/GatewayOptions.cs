using OrgGateway.Admin;
using OrgGateway.Assertions;
using OrgGateway.Configuration;
using OrgGateway.Logs;
using OrgGateway.Oidc;
using OrgGateway.Orgs;
using OrgGateway.OrgTokens;
using OrgGateway.Proxy;
using OrgGateway.Sealing;
using OrgGateway.Sessions;
using OrgGateway.Sockets;
using OrgGateway.Storage;
using OrgGateway.Telemetry;

namespace OrgGateway.Hosting;

/// <summary>The section <c>Gateway</c>. Each capability owns its part and the part's checks.</summary>
public sealed class GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>Scheme and host under which browsers reach the gateway, such as <c>https://app.example.com</c>.</summary>
    public string? PublicOrigin { get; init; }

    /// <summary>More origins that share the session.</summary>
    public List<string> AdditionalOrigins { get; init; } = [];

    /// <summary>Path of the gateway's own endpoints. Default <c>/auth</c>.</summary>
    public string AuthPath { get; init; } = "/auth";

    /// <summary>Networks (CIDR) or addresses of proxies whose X-Forwarded-For, -Proto and -Host count. Default none.</summary>
    public List<string> TrustedProxies { get; init; } = [];

    public Answers.BrandingOptions Branding { get; init; } = new();
    public ManagementOptions Management { get; init; } = new();
    public StoreOptions Store { get; init; } = new();
    public EncryptionOptions Encryption { get; init; } = new();
    public Sessions.SessionOptions Sessions { get; init; } = new();
    public Dictionary<string, IdentityProviderOptions> IdentityProviders { get; init; } = [];
    public string? DefaultIdentityProvider { get; init; }
    public Dictionary<string, OrganizationOptions> Organizations { get; init; } = [];
    public OrganizationDirectoryOptions OrganizationDirectory { get; init; } = new();
    public OrganizationTokensOptions OrganizationTokens { get; init; } = new();
    public Dictionary<string, Bearer.BearerIssuerOptions> BearerIssuers { get; init; } = [];
    public ApiKeys.ApiKeyOptions ApiKeys { get; init; } = new();
    public Dictionary<string, Limits.RateLimitOptions> RateLimits { get; init; } = [];
    public Dictionary<string, List<string>> Roles { get; init; } = [];
    public Proxy.SecurityHeadersOptions SecurityHeaders { get; init; } = new();
    public Webhooks.WebhookOptions Webhooks { get; init; } = new();
    public Inlets.SharedSignalsOptions SharedSignals { get; init; } = new();
    public Inlets.ScimOptions Scim { get; init; } = new();
    public AssertionOptions Assertion { get; init; } = new();
    public SocketOptions Sockets { get; init; } = new();
    public HttpsOptions Https { get; init; } = new();
    public LoggingOptions Logging { get; init; } = new();
    public TelemetryOptions Telemetry { get; init; } = new();

    public string DefaultProviderName => DefaultIdentityProvider ?? (IdentityProviders.Count == 1 ? IdentityProviders.Keys.First() : "");

    public Site ToSite() => new(new Uri(PublicOrigin!), AdditionalOrigins.Select(o => new Uri(o)), AuthPath);

    public OrganizationCatalog ToCatalog() => new(Organizations, Roles, DefaultProviderName, OrganizationTokens.Default);
}
