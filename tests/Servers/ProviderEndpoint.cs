using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace OrgGateway.Tests.Servers;

/// <summary>One endpoint of a provider: records what comes, and answers properly unless a test says otherwise.</summary>
public sealed class ProviderEndpoint(Func<HttpContext, Task> proper)
{
    private readonly ConcurrentQueue<ProviderRequest> _requests = new();
    private int _hits;

    /// <summary>In place of the proper answer; see <see cref="HostileAnswers"/>.</summary>
    public Func<HttpContext, Task>? Answer { get; set; }

    public int Hits => Volatile.Read(ref _hits);

    public IReadOnlyList<ProviderRequest> Requests => [.. _requests];

    public ProviderRequest LastRequest => _requests.Last();

    public Task AnswerProperlyAsync(HttpContext context) => proper(context);

    internal async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        var form = request.HasFormContentType
            ? (await request.ReadFormAsync()).ToDictionary(field => field.Key, field => field.Value.Select(value => value ?? "").ToArray())
            : [];
        var authorization = request.Headers.Authorization.Count == 0 ? null : request.Headers.Authorization.ToString();
        _requests.Enqueue(new(request.Method, request.QueryString.Value ?? "", authorization, form) { Proof = request.Headers["DPoP"].Count == 0 ? null : request.Headers["DPoP"].ToString() });
        Interlocked.Increment(ref _hits);
        await (Answer ?? proper)(context);
    }
}
