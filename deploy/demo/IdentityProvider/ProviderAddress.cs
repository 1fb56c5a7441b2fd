namespace OrgGateway.Demo.IdentityProvider;

/// <summary>Who the provider says it is; known once the port is.</summary>
internal sealed class ProviderAddress
{
    private string? _issuer;

    public string Issuer
    {
        get => _issuer ?? throw new InvalidOperationException("The provider listens, but its issuer is not set yet.");
        set => _issuer = value;
    }

    // Browsers share cookies between the ports of a host: two providers, or a provider and a gateway, must not collide.
    public string CookieName(string purpose) => $"demo-idp-{new Uri(Issuer).Port}-{purpose}";
}
