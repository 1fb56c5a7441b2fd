namespace OrgGateway.Soak;

/// <summary>How things stood at a moment.</summary>
internal sealed record Sample(TimeSpan At, IReadOnlyList<GatewaySample> Gateways, double RedisKeys, double RedisMiB, long Requests, long Failed);

/// <param name="HeapMiB">What the last full collection left, of every third minute.</param>
/// <param name="CpuSeconds">Since its start.</param>
internal sealed record GatewaySample(double ResidentMiB, double HeapMiB, double Threads, double Descriptors, double Sockets, double Copies, double CpuSeconds);
