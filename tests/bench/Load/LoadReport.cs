namespace OrgGateway.Bench.Load;

/// <summary>What a load program counted.</summary>
/// <param name="Rps">Requests a second.</param>
/// <param name="P50">Median latency in milliseconds.</param>
/// <param name="P99">99th percentile in milliseconds.</param>
/// <param name="Requests">Requests answered.</param>
/// <param name="Bad">Answers other than 2xx or 3xx, and socket errors.</param>
public sealed record LoadReport(double Rps, double P50, double P99, long Requests, long Bad);
