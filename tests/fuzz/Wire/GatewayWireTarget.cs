using OrgGateway.Tests.Servers;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>The public listener, with the requests of all other targets: what reaches the upstream may, and says of its caller what the gateway says.</summary>
internal sealed class GatewayWireTarget(Lazy<WireServers> servers, IReadOnlyList<FuzzTarget> sources) : WireTarget(servers)
{
    private static readonly HashSet<string> Managed = [.. Fuzz.Words.Headers.Where(name => name is not ("X-Api-Key" or "X-Original-URI" or "X-Original-Method")).Select(HeaderGrammar.Folded)];
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);
    private bool _isSignedOut;
    private bool _isOfUpstream;

    public override string Name => "wire";

    protected override Uri Server => Servers.Stack.Url;

    public override byte[] Generate(SeededNumbers numbers) => numbers.OneIn(12)
        ? Bytes(numbers.Some(10, () => numbers.Of(Words)))
        : numbers.Of(sources).Generate(numbers);

    public override FuzzOutcome Try(byte[] input)
    {
        try
        {
            return TryOnce(input);
        }
        catch (FuzzViolation) when (_isOfUpstream)
        {
            // What an earlier caller sent before it left may arrive only now: what counts is what comes of this input alone, again.
            Settle();
            return TryOnce(input);
        }
    }

    private FuzzOutcome TryOnce(byte[] input)
    {
        if (_isSignedOut)
            Servers.SignInAsync().GetAwaiter().GetResult();
        Servers.Stack.Upstream.Forget();
        _isOfUpstream = false;
        return base.Try(input);
    }

    private void Settle() => Wait.UntilAsync(
        async () =>
        {
            Servers.Stack.Upstream.Forget();
            await Task.Delay(Quiet);
            return !Servers.Stack.Upstream.Requests.Any();
        },
        TimeSpan.FromSeconds(30),
        "nothing arrives any more").GetAwaiter().GetResult();

    protected override void Judge(string text, int status, string answer)
    {
        // Signed out by itself, or by what others say of it: with a cookie that is taken away.
        _isSignedOut = answer.Contains("\r\nSet-Cookie: orggw=;", StringComparison.OrdinalIgnoreCase);
        var isCredited = text.Contains($"{RequestGrammar.Cookie}={Servers.Session}", StringComparison.Ordinal) || text.Contains("Authorization", StringComparison.OrdinalIgnoreCase);
        _isOfUpstream = true;
        foreach (var request in Servers.Stack.Upstream.Requests)
        {
            foreach (var (name, value) in request.Headers)
            {
                // A Host that says so itself is told as it is.
                var isHost = name == "X-Forwarded-Host" && Lines(text, "Host").Contains(value, StringComparer.OrdinalIgnoreCase);
                FuzzViolation.Unless(isHost || !Managed.Contains(HeaderGrammar.Folded(name)) || !value.Contains(HeaderGrammar.Evil, StringComparison.Ordinal), $"the upstream got {name}: {value}");
                FuzzViolation.Unless(!name.Equals("Cookie", StringComparison.OrdinalIgnoreCase) || !value.Split(';').Any(pair => pair.Trim() == $"{RequestGrammar.Cookie}={Servers.Session}"), "the upstream got the session");
            }
            var said = request.Headers.Where(header => HeaderGrammar.Folded(header.Key).StartsWith("xauth", StringComparison.Ordinal) && Managed.Contains(HeaderGrammar.Folded(header.Key))).ToArray();
            FuzzViolation.Unless(said.DistinctBy(header => HeaderGrammar.Folded(header.Key)).Count() == said.Length, "something is said twice of the caller");
            var path = Uri.UnescapeDataString(request.RawTarget.Split('?')[0]);
            var isPublic = path == "/" || path.StartsWith("/assets", StringComparison.OrdinalIgnoreCase);
            FuzzViolation.Unless(isCredited || isPublic, $"{request.RawTarget} reached the upstream without a credential");
            FuzzViolation.Unless(isPublic || request.Header("X-Auth-Type") is "user" or "service", $"{request.RawTarget} reached the upstream for nobody");
        }
    }

    private static IEnumerable<string> Lines(string text, string name) => text.Split('\n').Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(line => line[(name.Length + 1)..].Trim());
}
