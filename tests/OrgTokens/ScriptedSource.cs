using OrgGateway.Orgs;
using OrgGateway.OrgTokens;

namespace OrgGateway.Tests.OrgTokens;

/// <summary>An issuer that gives what a test says: the one thing that is not real in tests of time and failure.</summary>
internal sealed class ScriptedSource(TimeProvider clock) : IOrganizationTokenSource
{
    private int _asked;

    public OrganizationTokenSource Kind => OrganizationTokenSource.KrakenGraphQl;

    public TimeSpan Life { get; set; } = TimeSpan.FromMinutes(60);

    /// <summary>In place of a token.</summary>
    public MintAnswer? Answer { get; set; }

    public int Asked => Volatile.Read(ref _asked);

    public string IssuerOf(Organization organization) => "issuer";

    public TimeSpan TimeoutOf(Organization organization) => TimeSpan.FromSeconds(5);

    public Task<MintAnswer> MintAsync(Organization organization, OrganizationToken? last, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _asked);
        return Task.FromResult(Answer ?? new MintAnswer.Minted(new($"{organization.Slug}-{number}", clock.GetUtcNow(), clock.GetUtcNow() + Life)));
    }
}
