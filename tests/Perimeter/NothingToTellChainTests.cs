using System.Diagnostics;
using System.Text.RegularExpressions;
using OrgGateway.Tests.Bearer;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Perimeter;

/// <summary>
/// Nobody learns what exists from how it is refused: same status, header lines and body for what is there and what is not, and the same
/// class of time.
/// </summary>
/// <remarks>
/// Time is compared by rank, never by length: known and unknown are asked in turn, and of all pairs of one and the other about half must be
/// slower either way. A busy machine makes both slower alike; of 1,000 each, chance alone strays from the half by 0.013, and one more exchange
/// with the store is above 0.8.
/// </remarks>
public sealed partial class NothingToTellChainTests(StrangerServers servers) : IClassFixture<StrangerServers>, IDisposable
{
    private const double Half = 0.5;
    private const double Tolerance = 0.2;
    private static readonly HashSet<string> Differs = new(["Date", "X-Request-Id", "Content-Length"], StringComparer.OrdinalIgnoreCase);
    private readonly BearerClient _client = new(servers.Stack.Url);

    [Fact, Trait("Row", "T118")]
    public async Task Of_organizations()
    {
        using var bob = await servers.Stack.SignedInAsync("bob@globex.test");
        var cookie = "orggw=" + servers.Stack.SessionOf(bob);
        void AsBob(HttpRequestMessage request) => request.Headers.Add("Cookie", cookie);
        void AsPage(HttpRequestMessage request)
        {
            AsBob(request);
            request.Headers.Add("Accept", "text/html");
            request.Headers.Add("Sec-Fetch-Mode", "navigate");
        }
        var answers = new Dictionary<string, HashSet<string>>();
        foreach (var org in new[] { "acme", "org_acme", "initech", "no-such-organization", "acme2", "org_nowhere" })
            foreach (var (kind, change) in new (string, Action<HttpRequestMessage>)[] { ("api", AsBob), ("page", AsPage) })
                foreach (var path in new[] { "orgs/{0}/x", "hidden/{0}/x" })
                    Add(answers, kind + path, await _client.GetAsync("/" + path.Replace("{0}", org, StringComparison.Ordinal), null, change));
        Assert.All(answers, a => Assert.True(a.Value.Count == 1, string.Join("\n----\n", a.Value)));

        // An attacker asks once for each name, so the first time is what counts: of a name that is configured, and of one that nobody has.
        await AssertSameTimeAsync(
            number => _client.GetAsync($"/orgs/known-{number}/x", null, AsBob),
            number => _client.GetAsync($"/orgs/stranger-{number}/x", null, AsBob));
    }

    [Fact, Trait("Row", "T118")]
    public async Task Of_people()
    {
        var answers = new Dictionary<string, HashSet<string>>();
        foreach (var email in new[] { "alice@acme.test", "nobody@acme.test", "carol@initech.test", "nobody@initech.test" })
        {
            var answer = await _client.GetAsync("/auth/login?email=" + email, null);
            Add(answers, "login", answer with { Headers = new Dictionary<string, string> { ["Location"] = new Uri(answer.Header("Location")!).AbsolutePath } });
        }
        Assert.All(answers, a => Assert.True(a.Value.Count == 1, string.Join("\n----\n", a.Value)));
    }

    [Fact, Trait("Row", "T118")]
    public async Task Of_keys()
    {
        var key = await servers.NewKeyAsync();
        var format = new OrgGateway.ApiKeys.ApiKeyFormat("ogk");
        var answers = new Dictionary<string, HashSet<string>>();
        foreach (var guess in new[] { format.New(), key[..^1] + (key[^1] == 'A' ? 'B' : 'A'), key[..20] + format.New()[20..], "ogk_short" })
            Add(answers, "guess", await _client.GetAsync("/keyed/acme/x", guess));
        foreach (var org in new[] { "globex", "initech", "no-such-organization" })
            Add(answers, "elsewhere", await _client.GetAsync($"/keyed/{org}/x", key));
        Assert.All(answers, a => Assert.True(a.Value.Count == 1, string.Join("\n----\n", a.Value)));
    }

    public void Dispose() => _client.Dispose();

    private static void Add(Dictionary<string, HashSet<string>> answers, string of, MachineAnswer answer)
    {
        var lines = answer.Headers.Where(h => !Differs.Contains(h.Key)).Select(h => $"{h.Key}: {h.Value}").Order(StringComparer.Ordinal);
        if (!answers.TryGetValue(of, out var known))
            answers[of] = known = [];
        known.Add($"{(int)answer.Status}\n{string.Join('\n', lines)}\n\n{Reference().Replace(answer.Text, "")}");
    }

    private static async Task AssertSameTimeAsync(Func<int, Task<MachineAnswer>> known, Func<int, Task<MachineAnswer>> unknown)
    {
        const int Each = StrangerServers.Known;
        var (times, codes) = ((Known: new List<long>(Each), Unknown: new List<long>(Each)), new HashSet<string?>());
        for (var number = 0; number < Each; number++)
            // Which of the two comes first changes, so that neither warms the way for the other.
            foreach (var isKnown in number % 2 == 0 ? [true, false] : new[] { false, true })
            {
                var began = Stopwatch.GetTimestamp();
                var answer = await (isKnown ? known : unknown)(number);
                (isKnown ? times.Known : times.Unknown).Add(Stopwatch.GetTimestamp() - began);
                codes.Add($"{(int)answer.Status} {answer.Code}");
            }
        Assert.Equal(["403 not_a_member"], codes);
        var slower = times.Known.Sum(k => times.Unknown.Count(u => u > k) + (times.Unknown.Count(u => u == k) / 2.0)) / Each / Each;
        Assert.True(Math.Abs(slower - Half) < Tolerance, $"an unknown name takes longer in {slower:P0} of the cases");
    }

    [GeneratedRegex("(?i)reference.*?<|\"requestId\":\"[^\"]*\"", RegexOptions.Singleline, 1000)]
    private static partial Regex Reference();
}
