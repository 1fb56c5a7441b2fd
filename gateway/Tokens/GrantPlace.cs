using OrgGateway.Storage;

namespace OrgGateway.Tokens;

/// <summary>Where a grant is kept, for whoever changes it.</summary>
/// <param name="Name">Of the grant, the same on every replica; a hash.</param>
/// <param name="Read">The record as the store has it now, past every copy.</param>
/// <param name="Replace">Writes where that version still stands, and tells the other replicas.</param>
/// <param name="Note">As Replace, without telling.</param>
public sealed record GrantPlace<T>(
    string Name,
    string Provider,
    Func<ValueTask<StoreRead<Versioned<T>>>> Read,
    Func<byte[], T, ValueTask<StoreWrite>> Replace,
    Func<byte[], T, ValueTask<StoreWrite>> Note)
    where T : class;
