using OrgGateway.Webhooks;

namespace OrgGateway.Hosting;

/// <summary>Notices to somebody else's system.</summary>
public static class WebhookServices
{
    public static void Add(IServiceCollection services, GatewayOptions options) => services
        .AddSingleton(options.Webhooks).AddSingleton<WebhookOutbox>().AddSingleton<WebhookDelivery>().AddSingleton<UserEvents>()
        .AddHostedService(provider => provider.GetRequiredService<WebhookDelivery>());
}
