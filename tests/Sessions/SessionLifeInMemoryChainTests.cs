namespace OrgGateway.Tests.Sessions;

public sealed class SessionLifeInMemoryChainTests(ShortLivedTokensInMemory servers) : SessionLifeChainTests(servers), IClassFixture<ShortLivedTokensInMemory>;
