using Labels = System.Collections.Generic.KeyValuePair<string, object?>;

namespace OrgGateway.Telemetry;

/// <summary>Compares the labels of a measurement with those of a series without copying them.</summary>
internal sealed class LabelSet : IEqualityComparer<Labels[]>, IAlternateEqualityComparer<ReadOnlySpan<Labels>, Labels[]>
{
    public static readonly LabelSet Comparer = new();

    public Labels[] Create(ReadOnlySpan<Labels> alternate) => alternate.ToArray();

    public bool Equals(ReadOnlySpan<Labels> alternate, Labels[] other)
    {
        if (alternate.Length != other.Length)
            return false;
        for (var i = 0; i < other.Length; i++)
            if (alternate[i].Key != other[i].Key || !(ReferenceEquals(alternate[i].Value, other[i].Value) || Equals(alternate[i].Value, other[i].Value)))
                return false;
        return true;
    }

    public int GetHashCode(ReadOnlySpan<Labels> alternate)
    {
        // The values alone: within an instrument the names are the same.
        var hash = new HashCode();
        foreach (var label in alternate)
            hash.Add(label.Value);
        return hash.ToHashCode();
    }

    public bool Equals(Labels[]? x, Labels[]? y) => ReferenceEquals(x, y) || (x is not null && y is not null && Equals((ReadOnlySpan<Labels>)x, y));

    public int GetHashCode(Labels[] obj) => GetHashCode((ReadOnlySpan<Labels>)obj);
}
