using OrgGateway.OrgTokens;

namespace OrgGateway.Replay;

/// <summary>The caller's own bearer token, passed on. Nobody here can have another one: a refusal is the caller's to act on.</summary>
public sealed class PresentedInjectedToken(string header, string scheme, string token) : InjectedToken(header, scheme, scheme + token, TokenPath.Cache)
{
    public override string Kind => "presented";

    public override object Owner => this;

    public override bool CanBeRenewed => false;

    public override Task<string?> RenewAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);
}
