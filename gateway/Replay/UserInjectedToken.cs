using OrgGateway.OrgTokens;
using OrgGateway.Sessions;
using OrgGateway.Tokens;

namespace OrgGateway.Replay;

/// <summary>The access token of the session that makes the request.</summary>
public sealed class UserInjectedToken(string header, string scheme, Session session, UserTokens tokens)
    : InjectedToken(header, scheme, scheme == "Bearer " ? session.BearerValue : scheme + session.Record.AccessToken, TokenPath.Cache)
{
    public override string Kind => "user";

    public override object Owner => session.Id;

    public override async Task<string?> RenewAsync(CancellationToken cancellationToken)
    {
        // Without a refresh token there is no other one, and the session is not to end for an upstream's word.
        if (session.Record.RefreshToken is null)
            return null;
        var renewed = await tokens.RenewAsync(session, cancellationToken);
        return renewed is { Freshness: Freshness.Fresh, Session.Record.AccessToken: var token } && token != session.Record.AccessToken ? Scheme + token : null;
    }
}
