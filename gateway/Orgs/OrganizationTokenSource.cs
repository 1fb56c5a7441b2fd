namespace OrgGateway.Orgs;

/// <summary>The ways to an organization's token.</summary>
public enum OrganizationTokenSource
{
    /// <summary>A client of the organization's identity provider (RFC 6749 §4.4).</summary>
    ClientCredentials,

    /// <summary>The GraphQL mutation <c>obtainKrakenToken</c>.</summary>
    KrakenGraphQl,

    /// <summary>Any request that answers with JSON in which the token stands.</summary>
    Http,
}
