using OrgGateway.Configuration;
using OrgGateway.Oidc;

namespace OrgGateway.Inlets;

/// <summary>What the <c>{id}</c> of <c>/Users/{id}</c> is.</summary>
public enum ScimUserId
{
    /// <summary>The provider's <c>sub</c>: where the directory's SCIM <c>id</c> or <c>externalId</c> is what it signs people in with.</summary>
    Subject,

    /// <summary>The e-mail address the provider vouches for, where the SCIM <c>userName</c> is that; compared without case. Finds who has a session, and nobody else.</summary>
    Email,
}

/// <summary><c>Gateway:Scim</c>: who may deactivate people at <c>/auth/scim/v2/Users</c>. Off without a token.</summary>
public sealed class ScimOptions
{
    public const string Section = "Gateway:Scim";
    private const int LeastLength = 16;

    /// <summary>Bearer token of the directory; at least 16 characters. Default none: the receiver answers 404.</summary>
    public string? Token { get; init; }

    /// <summary>Whose subjects the directory manages: a name under <c>IdentityProviders</c>. Default the default provider.</summary>
    public string? IdentityProvider { get; init; }

    /// <summary><c>Subject</c> (default) or <c>Email</c>.</summary>
    public ScimUserId UserId { get; init; }

    public void Check(IReadOnlyDictionary<string, IdentityProviderOptions> providers, Faults faults)
    {
        if (Token is not null && Token.Length < LeastLength)
            faults.Add(Section + ":Token", $"has {Token.Length} characters; at least {LeastLength} are needed, for example from 'openssl rand -base64 32'");
        if (Token is null && (IdentityProvider is not null || UserId != ScimUserId.Subject))
            faults.Warn(Section, "without effect: there is no Gateway:Scim:Token");
        if (IdentityProvider is { } name && !providers.ContainsKey(name))
            faults.Add(Section + ":IdentityProvider", $"'{name}' is not under Gateway:IdentityProviders");
    }
}
