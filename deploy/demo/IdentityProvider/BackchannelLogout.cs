namespace OrgGateway.Demo.IdentityProvider;

/// <summary>Tells the clients of a session that it ended (OpenID Connect Back-Channel Logout §2.5).</summary>
internal sealed class BackchannelLogout(
    Registrations registrations, TokenIssuer tokens, Counters counters, ILogger<BackchannelLogout> logger) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        Timeout = TimeSpan.FromSeconds(2),
    };

    public Task SendAsync(SsoSession session, CancellationToken cancellationToken) =>
        Task.WhenAll(session.Clients.Keys.Select(registrations.Client).OfType<DemoClient>()
            .Where(client => client.BackchannelLogoutUri is not null)
            .Select(client => SendAsync(session, client, cancellationToken)));

    public void Dispose() => _http.Dispose();

    private async Task SendAsync(SsoSession session, DemoClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var form = new FormUrlEncodedContent([new("logout_token", tokens.LogoutToken(session, client))]);
            using var response = await _http.PostAsync(client.BackchannelLogoutUri, form, cancellationToken);
            if (response.IsSuccessStatusCode)
                counters.LogoutTokensDelivered.Increment();
            else
                logger.LogoutTokenRefused(client.ClientId, (int)response.StatusCode);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            logger.LogoutTokenUndelivered(client.ClientId, e.GetType().Name);
        }
    }
}
