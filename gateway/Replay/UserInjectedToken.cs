using OrgGateway.OrgTokens;
using OrgGateway.Sessions;
using OrgGateway.Tokens;

namespace OrgGateway.Replay;

/// <summary>The access token of the session that makes the request.</summary>
public sealed class UserInjectedToken(string header, string scheme, Session session, UserTokens tokens)
    : InjectedToken(header, scheme, scheme == "Bearer " ? session.BearerValue : scheme + session.Record.AccessToken, TokenPath.Cache)
{
    public override object Owner => session.Id;

    public override async Task<string?> RenewAsync(CancellationToken cancellationToken) =>
        await tokens.ReplaceAsync(session, cancellationToken) is { } renewed ? Scheme + renewed.Record.AccessToken : null;
}
