using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Sessions;

public sealed class ShortLivedTokensOnRedis : ShortLivedTokens
{
    protected override RedisServer Redis { get; } = new();
}
