using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.Audit;
using OrgGateway.Orgs;
using OrgGateway.Revocation;
using OrgGateway.Sealing;
using OrgGateway.Sessions;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.Sessions;

namespace OrgGateway.Tests.Tokens;

/// <summary>The sessions of one process, as the gateway puts them together.</summary>
internal static class TestSessionStore
{
    private static readonly KeyRing Ring = new([Replica.Key]);

    public static SessionStore Over(IStore store, FakeClock clock, ILogger<SessionStore> log)
    {
        var (options, catalog) = (new SessionOptions(), new CurrentCatalog(TestSessions.Catalog()));
        return new(
            store, Ring, options, new SessionDirectory(store, options, clock), new UnfinishedRevocations(catalog, clock, NullLogger<UnfinishedRevocations>.Instance),
            new Revocations(store, Ring, [], clock, NullLogger<Revocations>.Instance), new AuditTrail([], NullLogger<AuditTrail>.Instance), catalog, new AnyOrigin(), clock, new SteadyClock(clock, NullLogger<SteadyClock>.Instance), log);
    }

    private sealed class AnyOrigin : ISessionOrigins
    {
        public bool Accepts(SessionRecord record) => true;
    }
}
