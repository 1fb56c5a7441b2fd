using OrgGateway.Health;
using OrgGateway.Oidc;

namespace OrgGateway.Hosting;

/// <summary>Tells of providers that do not answer. Sessions live on without them, so no replica is taken out for it.</summary>
public sealed class ProviderHealth(IdentityProviders providers) : IHealthPart
{
    public string Name => "providers";

    public PartHealth Now
    {
        get
        {
            var answers = providers.All.Select(p => p.Answers).ToArray();
            return answers.Contains(false) ? new(answers.Contains(true) ? "partly unavailable" : "unavailable", false)
                : answers.Contains(null) ? PartHealth.Unknown
                : PartHealth.Ok;
        }
    }
}
