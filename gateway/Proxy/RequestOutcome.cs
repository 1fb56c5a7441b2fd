namespace OrgGateway.Proxy;

/// <summary>How a request ended, for metrics: bounded, and telling the gateway's own answers from the app's.</summary>
public enum RequestOutcome
{
    /// <summary>1xx or 2xx, whoever answered.</summary>
    Answered,
    Redirected,

    /// <summary>4xx of the app.</summary>
    ClientError,

    /// <summary>5xx of the app.</summary>
    UpstreamError,

    /// <summary>The app could not be reached or broke off.</summary>
    UpstreamUnavailable,

    /// <summary>4xx of the gateway: 401, 403, 404, 429 and the like.</summary>
    Refused,

    /// <summary>503 of the gateway: store, provider or token source down.</summary>
    Unavailable,

    /// <summary>500 of the gateway: a bug.</summary>
    Failed,

    /// <summary>The caller went away first.</summary>
    Aborted,
}
