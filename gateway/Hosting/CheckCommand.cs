using OrgGateway.Access;
using OrgGateway.Configuration;

namespace OrgGateway.Hosting;

/// <summary>A configuration that was read and found sound.</summary>
public sealed record LoadedConfiguration(LiveConfiguration<CheckedConfiguration> Live, CheckedConfiguration Configuration, Faults Faults, string Environment);

/// <summary><c>check</c>: says everything about a configuration and starts nothing. <c>serve</c> begins with the same steps.</summary>
public static class CheckCommand
{
    public static int Run(string[] files)
    {
        if (Load(files) is not { } loaded)
            return 1;
        using var live = loaded.Live;
        var options = loaded.Configuration.Options;
        var site = options.ToSite();
        Console.WriteLine($"Public origin   {site.Origin}");
        Console.WriteLine($"Store           {options.Store.Kind}");
        Console.WriteLine($"Session         idle {options.Sessions.IdleTimeout:c}, absolute {options.Sessions.AbsoluteTimeout:c}");
        foreach (var (name, provider) in options.IdentityProviders)
        {
            Console.WriteLine($"Provider        {name}: {provider.Issuer}, client {provider.ClientId}");
            Console.WriteLine($"  register      redirect URI {Oidc.IdentityProviders.RedirectUriOf(site, name, options.IdentityProviders.Count)}");
            if (provider.ClientAuthentication == Oidc.ClientAuthentication.PrivateKeyJwt)
                Console.WriteLine($"  register      public key {Oidc.ClientKey.PublicJwk(provider)}");
            Console.WriteLine($"  register      post-logout redirect URI {site.AuthUrl(SignIn.SignInPaths.SignedOut)}");
        }
        foreach (var (name, issuer) in options.BearerIssuers)
            Console.WriteLine($"Bearer issuer   {name}: {issuer.Issuer}, audience {string.Join(" or ", issuer.EffectiveAudiences())}, {string.Join(' ', issuer.EffectiveAlgorithms())}");
        foreach (var organization in options.ToCatalog().All)
            Console.WriteLine($"Organization    {organization.Slug} ({organization.Id}){(organization.Token is null ? "" : ", token from " + organization.Token.EffectiveSource)}");
        foreach (var route in loaded.Configuration.Routes)
            Console.WriteLine($"Route           {route.RouteId}: {route.Match.Path} -> {route.ClusterId}; {Describe(loaded.Configuration.Policies[route.RouteId])}");
        foreach (var warning in loaded.Faults.Warnings)
            Console.WriteLine($"Warning         {warning}");
        Console.WriteLine("The configuration is sound.");
        return 0;
    }

    /// <returns>Null after all faults were printed.</returns>
    public static LoadedConfiguration? Load(string[] files)
    {
        var environment = ConfigurationLayers.EnvironmentName();
        IConfigurationRoot layers;
        try
        {
            layers = ConfigurationLayers.Build(files, environment, []);
        }
        catch (InvalidDataException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return null;
        }
        var check = new ConfigurationCheck(development: environment == Environments.Development);
        var live = new LiveConfiguration<CheckedConfiguration>(layers, check.Run);
        var faults = new Faults();
        var configuration = check.Run(new ConfigurationBuilder().Add(live).Build(), faults);
        if (configuration is not null)
        {
            foreach (var name in EnvironmentAliases.Foreign(Environment.GetEnvironmentVariables().Keys.Cast<string>()))
                faults.Warn(name, "belongs to a platform that is not used here; tokens are shared over Redis (REDIS_URL)");
            return new LoadedConfiguration(live, configuration, faults, environment);
        }
        live.Dispose();
        Console.Error.WriteLine(faults.All.Count == 1 ? "The configuration has a fault:" : $"The configuration has {faults.All.Count} faults:");
        foreach (var fault in faults.All)
            Console.Error.WriteLine("  " + fault);
        return null;
    }

    private static string Describe(RoutePolicy policy)
    {
        var parts = new List<string> { policy.Static ? "static" : policy.Access.ToString().ToLowerInvariant() };
        if (policy.Credentials != CredentialKinds.Session)
            parts.Add("credentials " + policy.Credentials.ToString().ToLowerInvariant().Replace(", ", " or ", StringComparison.Ordinal));
        if (policy.Limits.Count > 0)
            parts.Add("limits " + string.Join(" and ", policy.Limits.Select(l => l.Name)));
        if (policy.Token != TokenChoice.None)
            parts.Add($"token {policy.Token}");
        if (policy.Roles.Length > 0)
            parts.Add("roles " + string.Join(" or ", policy.Roles));
        if (policy.Permissions.Length > 0)
            parts.Add("permissions " + string.Join(" and ", policy.Permissions));
        if (policy.WebSocket != WebSocketRule.Allow)
            parts.Add($"websocket {policy.WebSocket}");
        if (policy.HideExistence)
            parts.Add("hidden");
        if (policy.ReportOnly)
            parts.Add("REPORT ONLY");
        return string.Join(", ", parts);
    }
}
