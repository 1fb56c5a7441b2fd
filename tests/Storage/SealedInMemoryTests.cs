using OrgGateway.Storage;

namespace OrgGateway.Tests.Storage;

public sealed class SealedInMemoryTests : SealedContract
{
    protected override Task<IStore> OpenAsync() => Task.FromResult<IStore>(new MemoryStore(TimeProvider.System));
}
