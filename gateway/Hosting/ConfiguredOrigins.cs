using OrgGateway.Oidc;
using OrgGateway.Sessions;

namespace OrgGateway.Hosting;

/// <summary>
/// Sessions count here when their provider, issuer and client are configured here (S37), and when they were asked for every scope that is
/// configured now: for a new one the person signs in once more, which a provider that knows them does without a word (S47).
/// </summary>
public sealed class ConfiguredOrigins(IdentityProviders providers) : ISessionOrigins
{
    public bool Accepts(SessionRecord record) =>
        providers.Find(record.Provider) is { } provider && provider.ClientId == record.ClientId && provider.IsIssuer(record.Issuer)
        // What was asked for, not what was granted: a scope that the provider refuses must not ask again and again.
        && (record.Asked is not { } asked || provider.Options.EffectiveScopes().All(asked.Split(' ').Contains));
}
