namespace OrgGateway.Tests.Sessions;

public sealed class ShortLivedTokensInMemory : ShortLivedTokens;
