using System.Net;

namespace OrgGateway.Oidc;

/// <summary>
/// Tells the provider that tokens are not needed any more (RFC 7009). Never waited for: who signs out is signed out, whatever the
/// provider says or does not say.
/// </summary>
public sealed class TokenRevocation(HttpClient backchannel, TimeProvider time, ILogger logger) : IDisposable
{
    // A wave of sign-outs must not become as many open connections to a slow provider.
    private const int AtOnce = 32;
    private const int Waiting = 1000;
    private readonly SemaphoreSlim _turns = new(AtOnce);
    private int _waiting;

    /// <summary>Begins to revoke the refresh token, and with it the grant where the provider works so, then the access token.</summary>
    public void Begin(IdentityProvider provider, string? refreshToken, string accessToken)
    {
        if (!provider.Options.RevokeTokensAtLogout)
            return;
        if (Interlocked.Increment(ref _waiting) > Waiting)
        {
            Interlocked.Decrement(ref _waiting);
            logger.TokenNotRevoked(provider.Name, "too many at once");
            return;
        }

        _ = Task.Run(() => RevokeAsync(provider, refreshToken, accessToken));
    }

    /// <summary>Gives back a refresh token that came for a session which is over by now (T129).</summary>
    public async Task DiscardAsync(IdentityProvider provider, string refreshToken)
    {
        if (provider.Options.RevokeTokensAtLogout && await provider.GetMetadataAsync(CancellationToken.None) is { RevocationEndpoint: { } endpoint })
            await RevokeAsync(provider, endpoint, refreshToken, "refresh_token");
    }

    public void Dispose() => _turns.Dispose();

    private async Task RevokeAsync(IdentityProvider provider, string? refreshToken, string accessToken)
    {
        await _turns.WaitAsync();
        try
        {
            if (await provider.GetMetadataAsync(CancellationToken.None) is not { RevocationEndpoint: { } endpoint })
                return;
            if (refreshToken is not null)
                await RevokeAsync(provider, endpoint, refreshToken, "refresh_token");
            await RevokeAsync(provider, endpoint, accessToken, "access_token");
        }
        finally
        {
            _turns.Release();
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task RevokeAsync(IdentityProvider provider, Uri endpoint, string token, string hint)
    {
        using var request = provider.Client.Request(endpoint, [new("token", token), new("token_type_hint", hint)]);
        var answer = await Backchannel.SendAsync(backchannel, request, provider.Options.BackchannelTimeout, time, CancellationToken.None);
        switch (answer)
        {
            case BackchannelAnswer.Failed(var reason):
                logger.TokenNotRevoked(provider.Name, reason);
                break;
            // Self-contained access tokens cannot be revoked at many providers (RFC 7009 §2.2.1): nobody has to hear of that.
            case BackchannelAnswer.Received { Status: HttpStatusCode.BadRequest } when hint == "access_token":
            case BackchannelAnswer.Received { Status: HttpStatusCode.OK }:
                break;
            case BackchannelAnswer.Received received:
                logger.TokenNotRevoked(provider.Name, $"status {(int)received.Status}");
                break;
        }
    }
}
