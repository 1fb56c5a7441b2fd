namespace OrgGateway.Demo.IdentityProvider;

/// <summary>What goes wrong at one endpoint: first the delay, then the hang, the break or the status, if any.</summary>
public sealed class EndpointFault
{
    private int _times = int.MaxValue;

    public TimeSpan Delay { get; init; }

    /// <summary>Answers never; the connection stays open until the caller leaves.</summary>
    public bool Hangs { get; init; }

    /// <summary>Breaks the connection off without an answer.</summary>
    public bool Breaks { get; init; }

    /// <summary>Answers with this status and does nothing else. Null: the endpoint works after the delay.</summary>
    public int? Status { get; init; }

    /// <summary>Seconds in a <c>Retry-After</c> header beside <see cref="Status"/>.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The body beside <see cref="Status"/>, as JSON.</summary>
    public string Body { get; init; } = """{"error":"server_error"}""";

    /// <summary>How many calls it spoils; those after it work.</summary>
    public int Times { get => _times; init => _times = value; }

    internal bool Take() => Interlocked.Decrement(ref _times) >= 0;
}
