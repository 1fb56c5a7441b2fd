namespace OrgGateway.Demo.IdentityProvider;

/// <summary>How often each thing happened since the start; a call that met an injected fault counts too.</summary>
public sealed class Counters
{
    public Counter Discovery { get; } = new();

    public Counter Jwks { get; } = new();

    public Counter Authorize { get; } = new();

    public Counter SignIns { get; } = new();

    public Counter Token { get; } = new();

    /// <summary>Calls of the authorization code grant that passed client authentication.</summary>
    public Counter CodeGrants { get; } = new();

    /// <summary>Calls of the refresh token grant that passed client authentication, also those that were refused.</summary>
    public Counter RefreshGrants { get; } = new();

    public Counter TokenExchanges { get; } = new();

    /// <summary>Calls of the client credentials grant that passed client authentication.</summary>
    public Counter ClientCredentialsGrants { get; } = new();

    /// <summary>Refresh tokens exchanged for new ones.</summary>
    public Counter Refreshes { get; } = new();

    /// <summary>Used codes and used refresh tokens that came a second time.</summary>
    public Counter ReuseDetections { get; } = new();

    public Counter UserInfo { get; } = new();

    public Counter EndSession { get; } = new();

    /// <summary>Logout tokens that a client answered with 2xx.</summary>
    public Counter LogoutTokensDelivered { get; } = new();
}

/// <summary>A count that several requests may raise at once.</summary>
public sealed class Counter
{
    private int _value;

    public int Value => Volatile.Read(ref _value);

    internal void Increment() => Interlocked.Increment(ref _value);
}
