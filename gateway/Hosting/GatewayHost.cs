using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.Assertions;
using OrgGateway.Configuration;
using OrgGateway.Logs;
using OrgGateway.Oidc;
using OrgGateway.Orgs;
using OrgGateway.Proxy;
using OrgGateway.Replay;
using OrgGateway.Sealing;
using OrgGateway.Sessions;
using OrgGateway.SignIn;
using OrgGateway.Storage;
using OrgGateway.Telemetry;
using OrgGateway.Tokens;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Transforms;

namespace OrgGateway.Hosting;

/// <summary>Puts the capabilities together; the one place that knows all of them.</summary>
public static class GatewayHost
{
    /// <param name="forCommand">Nothing will be started: standard output is the command's own, and only trouble is worth a line.</param>
    public static async Task<WebApplication> BuildAsync(LiveConfiguration<CheckedConfiguration> live, CheckedConfiguration configuration, string environment, bool forCommand = false)
    {
        var options = configuration.Options;
        var redaction = new Redaction(Redaction.SecretsOf(new ConfigurationBuilder().Add(live).Build()));
        var log = GatewayLogs.Create(options.Logging, redaction, forCommand);
        // On another core, while the rest is put together; a constructor could not wait for it.
        var connecting = Task.Run(() => ConnectAsync(options, log));
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment, ApplicationName = "OrgGateway" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(); // where the host writes its own settings
        ((IConfigurationBuilder)builder.Configuration).Add(live);
        GatewayLogs.Use(builder.Logging, options.Logging, log, forCommand);
        ConfigureListeners(builder);

        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        // Open sockets would hold the process for the default 30 seconds.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(8) + options.Management.DrainDelay);
        services.AddSingleton(options).AddSingleton(options.Sessions).AddSingleton(options.Assertion);
        services.AddSingleton(options.Https).AddSingleton(options.ToSite()).AddSingleton(redaction);
        TelemetryServices.Add(services, options);
        AdminServices.Add(services, options, forCommand);
        services.AddSingleton(new CurrentCatalog(options.ToCatalog()));
        services.AddSingleton(new CurrentPolicies(configuration.Policies));
        services.AddSingleton(options.Encryption.ToRing());
        services.AddSingleton<Audit.AuditTrail>();
        // A revocation ends the tokens issued until then: said by a clock that was just set it would miss some, or end those of an hour to come.
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Revocation.Revocations>(provider, provider.GetRequiredService<Sessions.SteadyClock>()));
        services.AddSingleton(new Branding(options.Branding)).AddSingleton<PageLayout>().AddSingleton<ProblemAnswer>();
        SessionServices.Add(services);
        OrgServices.Add(services, options);
        ForwardAuthServices.Add(services, options);
        OidcServices.Add(services, options);
        LimitServices.Add(services, options);
        BearerServices.Add(services, options);
        WebhookServices.Add(services, options);
        ApiKeyServices.Add(services, options);
        SignInEndpoints.AddServices(services);
        InletServices.Add(services, options);
        UserTokenServices.Add(services);
        OrganizationTokenServices.Add(services, options);
        services.AddSingleton<FurtherSignIns>();
        services.AddSingleton(new AccessDecision(options.ToSite().Origins, options.Sockets.UpgradeRequiredStatus == StatusCodes.Status400BadRequest ? Problem.UpgradeRequiredAsBadRequest : null));
        services.AddSingleton<AssertionKeys>().AddSingleton<IdentityAssertion>();
        services.AddSingleton(provider => new InboundHeaders(configuration.Policies.Values.Select(p => p.TokenHeader)));
        services.AddSingleton(options.SecurityHeaders).AddSingleton<SecurityHeaders>().AddSingleton<OwnAnswer>().AddSingleton<Redirection>().AddSingleton<Cors>().AddSingleton<Refusals>();
        services.AddSingleton<ForwardCookies>().AddSingleton<ForwardHeaders>().AddSingleton<OutboundCookies>().AddSingleton<LeakGuard>().AddSingleton<TokenTiming>().AddSingleton<StepUpChallenge>();
        SocketServices.Add(services, options);
        ConfigureForwardedHeaders(services, options);
        ConfigureProxy(services, builder.Configuration);
        services.AddHostedService<ConfigurationReload>().AddHostedService<ManagementListener>();
        services.AddSingleton(live);
        services.AddSingleton(await connecting);

        var app = builder.Build();
        app.Services.GetRequiredService<OtlpExport>();
        app.Services.GetRequiredService<ProxyObservations>();
        GatewayPipeline.Use(app);
        return app;
    }

    private static async Task<IStore> ConnectAsync(GatewayOptions options, Serilog.ILogger log)
    {
        if (options.Store.Kind == StoreKind.Memory)
            return new MemoryStore(TimeProvider.System);
        using var logging = new Serilog.Extensions.Logging.SerilogLoggerFactory(log, dispose: false);
        return await RedisStore.ConnectAsync(options.Store, logging.CreateLogger<RedisStore>());
    }

    private static void ConfigureListeners(WebApplicationBuilder builder)
    {
        builder.WebHost.UseUrls([.. ListenAddresses.Of(builder.Configuration)]);
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ResponseHeaderEncodingSelector = ResponseText.EncodingOf;
            kestrel.AllowResponseHeaderCompression = false; // a response's secrets must not share a compression table with a caller's bytes
        });
    }

    private static void ConfigureForwardedHeaders(IServiceCollection services, GatewayOptions options) => services.Configure<ForwardedHeadersOptions>(forwarded =>
    {
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        // Without known proxies the middleware would still believe anybody who connects: then it reads nothing at all.
        forwarded.ForwardedHeaders = options.TrustedProxies.Count == 0
            ? ForwardedHeaders.None
            : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
        forwarded.ForwardLimit = null;
        foreach (var proxy in options.TrustedProxies)
        {
            if (System.Net.IPNetwork.TryParse(proxy, out var network))
                forwarded.KnownIPNetworks.Add(network);
            else if (System.Net.IPAddress.TryParse(proxy, out var address))
                forwarded.KnownProxies.Add(address);
        }
    });

    private static void ConfigureProxy(IServiceCollection services, ConfigurationManager configuration)
    {
        services.AddSingleton<IForwarderHttpClientFactory, UpstreamClients>();
        var proxy = services.AddReverseProxy();
        // Session affinity asks for data protection, whose key files no other replica has, and which reads and writes them at start.
        services.Replace(ServiceDescriptor.Singleton<IDataProtectionProvider, SealedProtection>());
        foreach (var keyFiles in services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType?.Namespace == "Microsoft.AspNetCore.DataProtection.Internal").ToArray())
            services.Remove(keyFiles);
        proxy.LoadFromConfig(configuration.GetSection("ReverseProxy"))
            .AddConfigFilter<PolicyRevision>()
            .AddConfigFilter<DestinationBreaker>()
            .AddTransforms(transforms =>
            {
                // ForwardHeaders sets them all; YARP's own would take the address in its dual-stack form.
                transforms.AddXForwarded(ForwardedTransformActions.Off);
                // YARP's own last one, which takes the caller's host away: before ours, its place in the message is free again.
                if (!transforms.RequestTransforms.Any(transform => transform is RequestHeaderOriginalHostTransform))
                    transforms.AddOriginalHost(false);
                transforms.RequestTransforms.Add(transforms.Services.GetRequiredService<ForwardHeaders>());
                transforms.ResponseTransforms.Add(transforms.Services.GetRequiredService<OutboundCookies>());
                transforms.ResponseTransforms.Add(new OutboundLocation());
                transforms.ResponseTransforms.Add(transforms.Services.GetRequiredService<SecurityHeaders>());
                transforms.ResponseTransforms.Add(transforms.Services.GetRequiredService<AnswerRequestId>());
                transforms.ResponseTransforms.Add(transforms.Services.GetRequiredService<StepUpChallenge>());
                transforms.ResponseTransforms.Add(transforms.Services.GetRequiredService<TokenTiming>());
                transforms.ResponseTransforms.Add(transforms.Services.GetRequiredService<LeakGuard>());
                transforms.ResponseTrailersTransforms.Add(transforms.Services.GetRequiredService<LeakGuard>().Trailers());
                transforms.ResponseTransforms.Add(transforms.Services.GetRequiredService<Sockets.StreamWatch>());
            });
        services.Configure<TransportFailureRateHealthPolicyOptions>(DestinationBreaker.Count);
        var yarps = services.Last(service => service.ServiceType == typeof(IHttpForwarder)).ImplementationType!;
        services.AddSingleton<IHttpForwarder>(provider => ActivatorUtilities.CreateInstance<ReplayForwarder>(provider, ActivatorUtilities.CreateInstance(provider, yarps)));
    }
}
