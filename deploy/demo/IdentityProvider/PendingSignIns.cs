using System.Diagnostics.CodeAnalysis;

namespace OrgGateway.Demo.IdentityProvider;

/// <summary>Authorization requests that wait for somebody to sign in.</summary>
internal sealed class PendingSignIns(DemoProviderOptions options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private readonly BoundedMap<PendingSignIn> _byId = new(10_000);

    public string Add(AuthorizationRequest request)
    {
        var id = RandomId.New();
        _byId.Set(id, new PendingSignIn(request, options.Clock.GetUtcNow() + Patience));
        return id;
    }

    public bool TryFind(string? id, [NotNullWhen(true)] out AuthorizationRequest? request)
    {
        var found = id is not null && _byId.TryGet(id, out var pending) && pending.Expires > options.Clock.GetUtcNow() ? pending : null;
        request = found?.Request;
        return request is not null;
    }

    /// <summary>Takes it away, so that one request gets one code.</summary>
    public bool TryTake(string id, [NotNullWhen(true)] out AuthorizationRequest? request)
    {
        request = TryFind(id, out var found) && _byId.Remove(id, out _) ? found : null;
        return request is not null;
    }

    private sealed record PendingSignIn(AuthorizationRequest Request, DateTimeOffset Expires);
}
