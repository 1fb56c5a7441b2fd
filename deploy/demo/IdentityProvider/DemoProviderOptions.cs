namespace OrgGateway.Demo.IdentityProvider;

/// <summary>What a demo provider is started with; the defaults are the demo's, on a free port.</summary>
public sealed class DemoProviderOptions
{
    /// <summary>Where it listens. Port 0 takes a free one.</summary>
    public string Url { get; init; } = "http://localhost:0";

    /// <summary>The issuer, where browsers reach the provider by another address than it listens on.</summary>
    public string? Issuer { get; init; }

    /// <summary>The <c>aud</c> of access tokens.</summary>
    public string Audience { get; init; } = "demo-api";

    public IReadOnlyList<DemoClient> Clients { get; init; } = DemoDirectory.Clients;

    public IReadOnlyList<DemoUser> Users { get; init; } = DemoDirectory.Users;

    /// <summary>Default 5 minutes, so that whoever watches the demo sees a refresh.</summary>
    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan IdTokenLifetime { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan CodeLifetime { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan RefreshTokenLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long the provider itself remembers a sign-in.</summary>
    public TimeSpan SsoLifetime { get; init; } = TimeSpan.FromHours(8);

    /// <summary>How long a key is published after another one took over the signing.</summary>
    public TimeSpan RetiredKeyLifetime { get; init; } = TimeSpan.FromHours(1);

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
