using OrgGateway.OrgTokens;

namespace OrgGateway.Replay;

/// <summary>
/// The token that a request carries to its upstream, and the way to another one should the upstream refuse it. One a request;
/// it travels with the outgoing message.
/// </summary>
public abstract class InjectedToken(string header, string scheme, string value, TokenPath path)
{
    /// <summary>Name of the header that carries it.</summary>
    public string Header { get; } = header;

    /// <summary>What stands before the token, with its blank; empty for a raw token.</summary>
    public string Scheme { get; } = scheme;

    /// <summary>Value of that header, with the scheme.</summary>
    public string Value { get; private set; } = value;

    /// <summary>The value that the upstream refused, where it did.</summary>
    public string? Refused { get; private set; }

    /// <summary>How the request came by it.</summary>
    public TokenPath Path { get; private set; } = path;

    /// <summary>Of what kind, for counting: <c>user</c>, <c>organization</c> or <c>presented</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>Whose token it is, for the circuit breaker: the same for every token of one session or organization.</summary>
    public abstract object Owner { get; }

    /// <summary>False where a request is never worth a second one.</summary>
    public virtual bool CanBeRenewed => true;

    /// <summary>Another token than the refused one, had by whoever comes first; null when there is none.</summary>
    /// <returns>The header's value, with the scheme.</returns>
    public abstract Task<string?> RenewAsync(CancellationToken cancellationToken);

    /// <summary>Another one has taken its place.</summary>
    internal virtual void Replace(string value, TimeSpan wait) => (Refused, Value, Path) = (Value, value, TokenPath.Replay);

    public override string ToString() => $"{GetType().Name} (hidden)";
}
