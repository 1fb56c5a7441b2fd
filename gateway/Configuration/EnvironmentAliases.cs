namespace OrgGateway.Configuration;

/// <summary>Well-known names, of environment variables or files in /run/secrets, that stand for one of our settings, so that a container runs from them alone.</summary>
public static class EnvironmentAliases
{
    /// <summary>Settings for the aliases present in <paramref name="variables"/>; the caller puts them above every other layer.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Settings(Func<string, string?> variables)
    {
        if (variables("AUTH_ENCRYPTION_KEY") is { Length: > 0 } key)
        {
            yield return new("Gateway:Encryption:Keys:0:Id", "AUTH_ENCRYPTION_KEY");
            yield return new("Gateway:Encryption:Keys:0:Secret", key);
        }
        if (variables("AUTH_ENCRYPTION_IV") is { Length: > 0 } iv)
            yield return new("Gateway:Encryption:InitializationVector", iv);
        if (variables("CRON_SECRET") is { Length: > 0 } cron)
            yield return new("Gateway:OrganizationTokens:CronSecret", cron);
        var (organizationKey, endpoint) = (variables("KRAKEN_ORGANIZATION_KEY"), variables("KRAKEN_GRAPHQL_ENDPOINT"));
        if (organizationKey is { Length: > 0 } || endpoint is { Length: > 0 })
            yield return new("Gateway:OrganizationTokens:Default:Source", "KrakenGraphQl");
        if (organizationKey is { Length: > 0 })
            yield return new("Gateway:OrganizationTokens:Default:OrganizationSecretKey", organizationKey);
        if (endpoint is { Length: > 0 })
            yield return new("Gateway:OrganizationTokens:Default:Endpoint", endpoint);
        if (variables("AUTH_ISSUER") is { Length: > 0 } issuer)
            yield return new("Gateway:BearerIssuers:AUTH_ISSUER:Issuer", issuer);
        if (variables("AUTH_AUDIENCE") is { Length: > 0 } audience)
            yield return new("Gateway:BearerIssuers:AUTH_ISSUER:Audience", audience);
        if (variables("REDIS_URL") is { Length: > 0 } redis)
        {
            yield return new("Gateway:Store:Kind", "Redis");
            yield return new("Gateway:Store:Redis", redis);
        }
    }

    /// <summary>Variables of hosting platforms whose part something else plays here: harmless, and of no effect.</summary>
    public static IEnumerable<string> Foreign(IEnumerable<string> names) =>
        names.Where(n => n is "EDGE_CONFIG" || n.StartsWith("VERCEL_", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
}
