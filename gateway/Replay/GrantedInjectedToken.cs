using OrgGateway.OrgTokens;
using OrgGateway.Sessions;

namespace OrgGateway.Replay;

/// <summary>A user's token for the organization of the URL, or for the audience of the route.</summary>
/// <param name="renew">Another one than this; null where there is no way to one.</param>
public sealed class GrantedInjectedToken(string header, string scheme, string token, SessionId session, Func<CancellationToken, Task<string?>>? renew)
    : InjectedToken(header, scheme, scheme + token, TokenPath.Cache)
{
    public override string Kind => "user";

    public override object Owner => session;

    public override bool CanBeRenewed => renew is not null;

    public override async Task<string?> RenewAsync(CancellationToken cancellationToken) =>
        renew is not null && await renew(cancellationToken) is { } other && other != token ? Scheme + other : null;
}
