namespace OrgGateway.Storage;

public enum StoreStatus
{
    Missing,
    Found,
    Unavailable,
}

/// <summary>Outcome of a read; <see cref="Value"/> is set when <see cref="StoreStatus.Found"/>.</summary>
public readonly record struct StoreRead<T>(StoreStatus Status, T? Value)
    where T : class
{
    public static StoreRead<T> Missing => default;
    public static StoreRead<T> Unavailable => new(StoreStatus.Unavailable, null);
    public static StoreRead<T> Found(T value) => new(StoreStatus.Found, value);
}

public enum StoreWrite
{
    Done,

    /// <summary>The condition did not hold: gone, changed, there already, or another's lease.</summary>
    Refused,
    Unavailable,

    /// <summary>The value is larger than <see cref="StoreOptions.LargestValue"/> and was not written: it would hold up every other command.</summary>
    TooLarge,
}
