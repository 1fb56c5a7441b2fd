using System.Diagnostics;
using OrgGateway.Storage;
using OrgGateway.Tests.OrgTokens;

// dotnet run -c Release --project tests/bench/Tokens: what a warm look-up of an organization's token costs.
const int Batch = 1000;
const int Batches = 2000;

await using var store = new MemoryStore(TimeProvider.System);
await using var replica = new TokenReplica(store, new ScriptedSource(TimeProvider.System), TimeProvider.System, TimeSpan.FromMinutes(5));
await replica.GetAsync();
var nanoseconds = new double[Batches];
for (var round = 0; round < 2; round++) // the first warms up
{
    var allocated = GC.GetAllocatedBytesForCurrentThread();
    for (var i = 0; i < Batches; i++)
    {
        var started = Stopwatch.GetTimestamp();
        for (var n = 0; n < Batch; n++)
        {
            var token = replica.GetAsync();
            if (!token.IsCompletedSuccessfully || token.Result is null)
                throw new InvalidOperationException("not warm");
        }
        nanoseconds[i] = Stopwatch.GetElapsedTime(started).TotalNanoseconds / Batch;
    }
    allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
    Array.Sort(nanoseconds);
    if (round == 1)
        Console.WriteLine($"warm look-up: p50 {nanoseconds[Batches / 2]:0} ns, p99 {nanoseconds[Batches * 99 / 100]:0} ns, {allocated / (double)(Batch * Batches):0.##} bytes");
}
