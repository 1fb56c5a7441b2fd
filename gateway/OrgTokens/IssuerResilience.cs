using System.Collections.Concurrent;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace OrgGateway.OrgTokens;

/// <summary>
/// Bounds on what issuers are asked: a connection that failed is tried again with jitter, an answer never is; an issuer that
/// keeps failing is left alone for a while, for all organizations that it serves.
/// </summary>
public sealed class IssuerResilience(TimeProvider clock)
{
    private const int Retries = 2;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<(string Issuer, TimeSpan Timeout), ResiliencePipeline<MintAnswer>> _pipelines = new();

    public async Task<MintAnswer> RunAsync(string issuer, TimeSpan timeout, Func<CancellationToken, Task<MintAnswer>> ask)
    {
        var pipeline = _pipelines.GetOrAdd((issuer, timeout), static (key, clock) => Build(key.Timeout, clock), clock);
        try
        {
            return await pipeline.ExecuteAsync(static async (ask, cancellationToken) => await ask(cancellationToken), ask, CancellationToken.None);
        }
        catch (BrokenCircuitException exception)
        {
            return new MintAnswer.Unavailable("issuer_circuit_open") { RetryAfter = exception.RetryAfter };
        }
        catch (TimeoutRejectedException)
        {
            return new MintAnswer.Unavailable("issuer_unavailable");
        }
    }

    private static ResiliencePipeline<MintAnswer> Build(TimeSpan timeout, TimeProvider clock) => new ResiliencePipelineBuilder<MintAnswer> { TimeProvider = clock }
        .AddTimeout(timeout + timeout) // over all attempts; each has its own
        .AddRetry(new RetryStrategyOptions<MintAnswer>
        {
            MaxRetryAttempts = Retries,
            Delay = FirstDelay,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is MintAnswer.Unavailable { Unreached: true }),
        })
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions<MintAnswer>
        {
            FailureRatio = 0.9,
            MinimumThroughput = 6,
            SamplingDuration = Sampling,
            BreakDuration = Break,
            ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is MintAnswer.Unavailable),
        })
        .Build();
}
