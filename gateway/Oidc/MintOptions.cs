using OrgGateway.Configuration;

namespace OrgGateway.Oidc;

/// <summary>How a provider gives a token for one organization; a preset fills what is not set.</summary>
public sealed class MintOptions
{
    /// <summary>Default <c>inToken</c>.</summary>
    public MintStrategy Strategy { get; init; }

    /// <summary>Name of the parameter that takes the organization. Default <c>organization_id</c>.</summary>
    public string Parameter { get; init; } = "organization_id";

    /// <summary>Errors of the token endpoint that mean "this organization wants a sign-in of its own". Default none.</summary>
    public List<string>? RequireReauthOn { get; init; }

    /// <summary>Throw away a token whose organization is not the one asked for. Default true; false is for providers whose tokens do not say.</summary>
    public bool AssertOrgEquals { get; init; } = true;

    /// <summary>For <c>endpoint</c>: URL that takes the session's token as bearer and the organization under <see cref="Parameter"/> in a JSON body. https; http on loopback.</summary>
    public string? Endpoint { get; init; }

    /// <summary>For <c>endpoint</c>: where its answer holds the token; a JSON Pointer or a member's name. Default <c>/access_token</c>.</summary>
    public string TokenPath { get; init; } = "/access_token";

    /// <summary>For <c>endpoint</c>: send <c>ClientId:token</c> as bearer, as Descope wants it. Default false.</summary>
    public bool WithClientId { get; init; }

    public void Check(string path, Faults faults)
    {
        if (!AuthorizeOptions.IsParameterName(Parameter))
            faults.Add(path + ":Parameter", "the name of a parameter: 1 to 64 letters, digits, '-', '_' and '.', none of the gateway's own");
        ClaimPath.Check(path + ":TokenPath", TokenPath, faults);
        if (Strategy == MintStrategy.Endpoint && string.IsNullOrWhiteSpace(Endpoint))
            faults.Warn(path + ":Endpoint", "not set: a token for another organization than the sign-in's takes another sign-in");
        else if (Strategy == MintStrategy.Endpoint && !(Uri.TryCreate(Endpoint, UriKind.Absolute, out var url) && (url.Scheme == "https" || (url.Scheme == "http" && url.IsLoopback))))
            faults.Add(path + ":Endpoint", "the strategy 'endpoint' needs an https URL (http only on loopback)");
        if (Strategy is not MintStrategy.InToken && !AssertOrgEquals)
            faults.Warn(path + ":AssertOrgEquals", "false: a token that the provider gives for another organization will be used");
    }
}
