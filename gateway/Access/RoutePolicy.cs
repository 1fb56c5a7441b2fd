using System.Collections.Frozen;
using System.Collections.Immutable;
using OrgGateway.Configuration;
using OrgGateway.Limits;

namespace OrgGateway.Access;

public enum AccessLevel
{
    Public,
    Authenticated,
    Member,
}

public enum TokenChoice
{
    None,
    User,
    Organization,
    UserOrOrganization,

    /// <summary>The user's, exchanged for <see cref="RoutePolicy.ExchangeFor"/>.</summary>
    Exchange,
}

public enum OrgSource
{
    Path,

    /// <summary>The host names it: one of the organization's <c>Hosts</c>, or the label in place of the <c>*</c> of the route's own hosts.</summary>
    Host,
    None,
}

public enum WebSocketRule
{
    Allow,
    Require,
    Deny,
}

/// <summary>A route's policy: its <c>Metadata</c>, parsed once when the route is loaded. Immutable.</summary>
public sealed class RoutePolicy
{
    /// <summary>Where the limits in force stand beside a route's metadata; no key that could be written there: those are known, and others are faults.</summary>
    public const string LimitsKey = "orggateway:limits";

    public required string RouteId { get; init; }
    public required string ClusterId { get; init; }
    public required AccessLevel Access { get; init; }
    public required OrgSource Org { get; init; }

    /// <summary>Which segment of the path template is <c>{org}</c>, counted from 0; null: none.</summary>
    public required int? OrgSegment { get; init; }

    /// <summary>What follows the <c>*</c> of the route's wildcard hosts, with its dot: <c>.example.com</c>.</summary>
    public IReadOnlyList<string> HostSuffixes { get; init; } = [];

    /// <summary>All limits of the route.</summary>
    public IReadOnlyList<RateLimit> Limits { get; init; } = [];

    /// <summary>Whether some are asked before it is known who calls.</summary>
    public bool HasEarlyLimits { get; init; }

    /// <summary>Whether some are asked once it is known who calls.</summary>
    public bool HasLateLimits { get; init; }

    public CredentialKinds Credentials { get; init; } = CredentialKinds.Session;
    public TokenChoice Token { get; init; }

    /// <summary>Any of these; empty: none needed.</summary>
    public ImmutableArray<string> Roles { get; init; } = [];

    /// <summary>All of these.</summary>
    public ImmutableArray<string> Permissions { get; init; } = [];

    public string TokenHeader { get; init; } = "Authorization";

    /// <summary>What stands before the token, with its blank; empty for a raw token.</summary>
    public string TokenPrefix { get; init; } = "Bearer ";

    /// <summary>Of <see cref="Origins"/>: any, for requests without credentials.</summary>
    public const string AnyOrigin = "*";

    public FrozenSet<string> Origins { get; init; } = [];
    public bool Static { get; init; }
    public WebSocketRule WebSocket { get; init; }
    public bool HideExistence { get; init; }
    public bool ReportOnly { get; init; }
    public bool EmailVerified { get; init; }

    /// <summary><c>MaxAuthAge</c> and <c>Acr</c>: how recent and how strong the sign-in has to be; null for any.</summary>
    public StepUp? StepUp { get; init; }
    public bool Assertion { get; init; } = true;

    /// <summary>A request whose token the upstream refuses is sent once more with another one.</summary>
    public bool Replay { get; init; } = true;

    /// <summary>What means "the credential is dead" in an answer with status 200; null: nothing is looked at.</summary>
    public GraphQlCodes? GraphQl { get; init; }

    /// <summary>An answer whose headers carry the injected token is stopped.</summary>
    public bool LeakGuard { get; init; } = true;

    /// <summary>The URL names an organization, or has to (<c>Access</c> <c>member</c>).</summary>
    /// <summary>What the provider said of the caller is asked for again when it is older; null: as old as the access token lets it be.</summary>
    public TimeSpan? MaxClaimAge { get; init; }

    /// <summary>While the provider is away: go on with what is known of the caller, where the route needs no token of theirs (P12).</summary>
    public bool ServesWithoutProvider { get; init; }

    /// <summary>The audience that the user's token is exchanged for (RFC 8693).</summary>
    public string? ExchangeFor { get; init; }

    public bool ForwardsUserToken => Token is TokenChoice.User or TokenChoice.UserOrOrganization or TokenChoice.Exchange;

    public bool NeedsOrg => Org switch
    {
        OrgSource.Path => OrgSegment is not null || Access == AccessLevel.Member,
        OrgSource.Host => true,
        _ => false,
    };
}
