using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Audit;
using OrgGateway.Orgs;
using OrgGateway.OrgTokens;
using OrgGateway.Sealing;
using OrgGateway.Storage;

namespace OrgGateway.Tests.OrgTokens;

/// <summary>The organizations' tokens as one gateway process has them, over a store that other replicas may share.</summary>
internal sealed class TokenReplica : IAsyncDisposable
{
    private readonly OrganizationTokenUpkeep _upkeep;

    public TokenReplica(IStore store, IOrganizationTokenSource source, TimeProvider clock, TimeSpan refreshBefore, Dictionary<string, OrganizationOptions>? organizations = null)
    {
        organizations ??= new() { ["acme"] = Of("acme", "https://a.example/") };
        Catalog = new(organizations, new Dictionary<string, List<string>>(), "main");
        var ring = new KeyRing([new SealingKey("k1", "a secret that replicas share")]);
        var mint = new OrganizationTokenMint([source], new IssuerResilience(clock), new AuditTrail([], NullLogger<AuditTrail>.Instance), NullLogger<OrganizationTokenMint>.Instance);
        var messages = new OrganizationTokenMessages(store, ring);
        var renewal = new OrganizationTokenRenewal(store, ring, messages, mint, new(new() { RefreshBefore = refreshBefore }), clock);
        Tokens = new(store, renewal, messages, new CurrentCatalog(Catalog), clock, NullLogger<OrganizationTokens>.Instance);
        _upkeep = new(Tokens, clock, NullLogger<OrganizationTokenUpkeep>.Instance);
    }

    public OrganizationCatalog Catalog { get; }

    public OrganizationTokens Tokens { get; }

    public Organization Acme => Catalog.Find("acme")!;

    public static OrganizationOptions Of(string id, string endpoint) =>
        new() { Id = id, Token = new() { Source = OrganizationTokenSource.KrakenGraphQl, Endpoint = endpoint, OrganizationSecretKey = "a secret" } };

    public Task StartAsync() => _upkeep.StartAsync(CancellationToken.None);

    public ValueTask<OrganizationToken?> GetAsync() => Tokens.GetAsync(Acme, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _upkeep.StopAsync(CancellationToken.None);
        _upkeep.Dispose();
    }
}
