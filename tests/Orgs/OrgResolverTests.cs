using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Orgs;
using OrgGateway.Sealing;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Orgs;

/// <summary>Names lead to one organization or nowhere, whatever configuration, claims and directory say of them over time.</summary>
public sealed class OrgResolverTests : IDisposable
{
    private readonly FakeClock _clock = new() { UtcNow = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero) };
    private readonly MemoryStore _store;
    private readonly List<IDisposable> _open = [];

    public OrgResolverTests() => _store = new MemoryStore(_clock);

    [Fact]
    public async Task A_configured_organization_is_found_by_slug_and_id_by_its_members_only()
    {
        var (resolver, _) = Resolver(Catalog(("acme", new() { Id = "org_1" })));
        var member = Subject(Catalog(("acme", new() { Id = "org_1" })), new Membership("org_1", null, null, ["admin"], []));

        foreach (var name in new[] { "acme", "org_1" })
        {
            var found = await resolver.ResolveAsync(member, name, default);
            Assert.Equal((OrgMatch.Member, "org_1", "acme"), (found.Match, found.Organization!.Id, found.Organization.Slug));
            Assert.Equal(OrgMatch.Stranger, (await resolver.ResolveAsync(SubjectOrganizations.None, name, default)).Match);
        }
        Assert.Equal(OrgMatch.Stranger, (await resolver.ResolveAsync(member, "ACME", default)).Match);
        Assert.Equal(OrgMatch.Invalid, (await resolver.ResolveAsync(member, "acme.", default)).Match);
        Assert.Equal(OrgMatch.Unnamed, (await resolver.ResolveAsync(member, "", default)).Match);
    }

    [Fact, Trait("Row", "T75")]
    public async Task A_slug_that_another_organization_takes_over_in_claims_leads_to_the_first_or_nowhere()
    {
        var (resolver, directory) = Resolver(Catalog());
        var before = Subject(Catalog(), new Membership("org_1", "acme", null, [], []));
        Assert.Equal("org_1", (await resolver.ResolveAsync(before, "acme", default)).Organization!.Id);
        await directory.KeepLearnedAsync(default);

        var renamed = Subject(Catalog(), new Membership("org_1", "acme-new", null, [], []));
        var newcomer = Subject(Catalog(), new Membership("org_2", "acme", null, [], []));
        var both = Subject(Catalog(), new Membership("org_1", "acme-new", null, [], []), new Membership("org_2", "acme", null, [], []));
        foreach (var again in new[] { (resolver, directory), Resolver(Catalog()) }) // the same replica, and another one
        {
            var moved = await again.Item1.ResolveAsync(renamed, "acme", default);
            Assert.Equal((OrgMatch.Moved, "acme-new"), (moved.Match, moved.Organization!.Slug));
            Assert.Equal(OrgMatch.Stranger, (await again.Item1.ResolveAsync(newcomer, "acme", default)).Match);
            var byId = (await again.Item1.ResolveAsync(newcomer, "org_2", default)).Organization!;
            Assert.Equal(("org_2", "org_2"), (byId.Id, byId.Slug)); // an app that knows its tenants by slug must not take it for the first
            Assert.Same(byId, (await again.Item1.ResolveAsync(newcomer, "org_2", default)).Organization);
            Assert.Equal("acme-new", (await again.Item1.ResolveAsync(renamed, "org_1", default)).Organization!.Slug);
            Assert.Equal((OrgMatch.Moved, "org_1"), ((await again.Item1.ResolveAsync(both, "acme", default)).Match, (await again.Item1.ResolveAsync(both, "acme", default)).OrgId));
        }
    }

    [Fact]
    public async Task Claims_that_give_one_slug_to_two_organizations_or_anothers_id_give_it_to_none()
    {
        var (resolver, _) = Resolver(Catalog());
        var subject = Subject(Catalog(), new Membership("org_1", "same", null, [], []), new Membership("org_2", "same", null, [], []), new Membership("org_3", "org_1", null, [], []));

        Assert.Equal(OrgMatch.Stranger, (await resolver.ResolveAsync(subject, "same", default)).Match);
        Assert.Equal("org_1", (await resolver.ResolveAsync(subject, "org_1", default)).Organization!.Id);
        Assert.Equal("org_2", (await resolver.ResolveAsync(subject, "org_2", default)).Organization!.Id);
    }

    [Fact]
    public async Task A_former_slug_of_the_configuration_leads_members_on_and_nobody_elsewhere()
    {
        var catalog = Catalog(("acme", new() { Id = "org_1", FormerSlugs = ["acme-old"] }));
        var (resolver, _) = Resolver(catalog);
        var member = Subject(catalog, new Membership("org_1", null, null, [], []));
        var claimant = Subject(catalog, new Membership("org_9", "acme-old", null, [], []));

        var moved = await resolver.ResolveAsync(member, "acme-old", default);
        Assert.Equal((OrgMatch.Moved, "acme"), (moved.Match, moved.Organization!.Slug));
        Assert.Equal(OrgMatch.Stranger, (await resolver.ResolveAsync(claimant, "acme-old", default)).Match);
        Assert.Equal("org_9", (await resolver.ResolveAsync(claimant, "org_9", default)).Organization!.Id);
    }

    [Fact]
    public async Task The_store_gives_names_to_organizations_that_claims_know_by_id()
    {
        var (resolver, directory) = Resolver(Catalog());
        var member = Subject(Catalog(), new Membership("org_1", null, null, ["viewer"], []));
        Assert.Equal(OrgMatch.Stranger, (await resolver.ResolveAsync(member, "acme", default)).Match);

        Assert.Equal(StoreWrite.Done, await directory.PutAsync(new("org_1", "acme", "Acme Ltd"), default));
        foreach (var name in new[] { "acme", "org_1" })
        {
            var found = await resolver.ResolveAsync(member, name, default);
            Assert.Equal((OrgMatch.Member, "org_1", "acme", "Acme Ltd"), (found.Match, found.Organization!.Id, found.Organization.Slug, found.Organization.Name));
            Assert.Equal(["viewer"], found.Organization.Roles);
            Assert.Same(found.Organization, (await resolver.ResolveAsync(member, name, default)).Organization);
        }
        Assert.Equal(StoreWrite.Done, await directory.PutAsync(new("org_1", "acme2", "Acme Ltd"), default));
        Assert.Equal((OrgMatch.Moved, "acme2"), ((await resolver.ResolveAsync(member, "acme", default)).Match, (await resolver.ResolveAsync(member, "acme", default)).Organization!.Slug));
        Assert.Equal(StoreWrite.Refused, await directory.PutAsync(new("org_2", "acme"), default));
        Assert.Equal(["org_1"], (await directory.ListAsync(default))!.Select(e => e.Id));

        Assert.Equal(StoreWrite.Done, await directory.RemoveAsync("org_1", default));
        Assert.Equal(StoreWrite.Refused, await directory.PutAsync(new("org_2", "acme2"), default));
        Assert.Empty((await directory.ListAsync(default))!);
    }

    [Fact, Trait("Row", "T107")]
    public async Task Ten_thousand_made_up_names_cost_the_look_up_service_a_bounded_number_of_requests()
    {
        await using var service = new EchoUpstream { Answer = context => { context.Response.StatusCode = 404; return Task.CompletedTask; } };
        await service.StartAsync();
        var (resolver, _) = Resolver(Catalog(), new() { Sources = ["config", "claims", "http"], Url = service.Url + "/orgs/{org}", LookupsPerSecond = 20 });
        var began = TimeProvider.System.GetTimestamp();
        var answers = new List<OrgMatch>();
        for (var i = 0; i < 10_000; i++)
            answers.Add((await resolver.ResolveAsync(SubjectOrganizations.None, $"made-up-{i}", default)).Match);

        Assert.All(answers, match => Assert.True(match is OrgMatch.Stranger or OrgMatch.Unavailable));
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        Assert.InRange(service.Hits, 1, 20 * (seconds + 2));
        var hits = service.Hits;
        Assert.Equal(OrgMatch.Stranger, (await resolver.ResolveAsync(SubjectOrganizations.None, "made-up-0", default)).Match); // known as unknown
        Assert.Equal(hits, service.Hits);
    }

    [Fact]
    public async Task An_outage_of_the_look_up_service_refuses_new_names_and_keeps_known_ones()
    {
        await using var service = new EchoUpstream { Answer = context => context.Response.WriteAsync("""{ "id": "org_1", "slug": "acme" }""") };
        await service.StartAsync();
        var (resolver, _) = Resolver(Catalog(), new() { Sources = ["claims", "http"], Url = service.Url + "/orgs/{org}" });
        var member = Subject(Catalog(), new Membership("org_1", null, null, [], []), new Membership("org_2", null, null, [], []));
        Assert.Equal(OrgMatch.Member, (await resolver.ResolveAsync(member, "acme", default)).Match);

        service.Answer = context => { context.Response.StatusCode = 500; return Task.CompletedTask; };
        _clock.UtcNow += TimeSpan.FromHours(2);
        Assert.Equal(OrgMatch.Member, (await resolver.ResolveAsync(member, "acme", default)).Match);
        Assert.Equal(OrgMatch.Unavailable, (await resolver.ResolveAsync(member, "other", default)).Match);
        foreach (var nonsense in new[] { "not json", "[]", "{}", """{ "id": "a/b" }""", """{ "id": "org_1", "slug": "../x" }""", new string('x', 100_000) })
        {
            service.Answer = context => context.Response.WriteAsync(nonsense);
            Assert.Equal(OrgMatch.Unavailable, (await resolver.ResolveAsync(member, "other", default)).Match);
        }
    }

    public void Dispose()
    {
        foreach (var open in _open)
            open.Dispose();
    }

    private static OrganizationCatalog Catalog(params (string Slug, OrganizationOptions Options)[] organizations) =>
        new(organizations.ToDictionary(o => o.Slug, o => o.Options), new Dictionary<string, List<string>>(), "main");

    private static SubjectOrganizations Subject(OrganizationCatalog catalog, params Membership[] memberships) => SubjectOrganizations.Resolve("main", memberships, catalog);

    private (OrgResolver Resolver, OrganizationDirectory Directory) Resolver(OrganizationCatalog catalog, OrganizationDirectoryOptions? options = null)
    {
        options ??= new();
        var ring = new EncryptionOptions { Keys = [new() { Id = "k1", Secret = DemoConfiguration.Secret }] }.ToRing();
        var service = new DirectoryService(options, NullLogger<DirectoryService>.Instance);
        var directory = new OrganizationDirectory(options, new DirectoryRecords(_store, ring, _clock), service, _store, _clock, NullLogger<OrganizationDirectory>.Instance);
        _open.Add(service);
        _open.Add(directory);
        return (new OrgResolver(new CurrentCatalog(catalog), directory), directory);
    }
}
