using Microsoft.AspNetCore.Http;
using OrgGateway.Oidc;
using OrgGateway.Sealing;
using OrgGateway.Sessions;
using OrgGateway.SignIn;
using OrgGateway.Storage;
using OrgGateway.Tests.Oidc;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>State and transaction cookies: a login goes on only in the browser that began it, and once.</summary>
internal sealed class LoginCookieTarget : FuzzTarget
{
    private readonly InMemoryProvider _source = new();
    private readonly IdentityProvider _provider;
    private readonly LoginTransactions _transactions;
    private string _state = "", _name = "", _binder = "";

    public LoginCookieTarget()
    {
        _provider = _source.New().Default!;
        _transactions = new(
            new MemoryStore(_source.Clock), new KeyRing([new SealingKey("k1", "a sealing secret of the fuzzers")]), new SessionCookie(new SessionOptions(), RelyingParty.Site), new BegunLogins(_source.Clock), RelyingParty.Site, _source.Clock);
        Begin();
    }

    public override string Name => "login-cookie";

    /// <summary>Placeholders stand for what is new with each login, so that a kept input means the same on every run.</summary>
    public override IReadOnlyList<string> Words { get; } = [.. Fuzz.Words.Odd, "{state}", "{name}", "{binder}", "{name}={binder}", "__Secure-orggw-login-", "\n"];

    public override byte[] Generate(SeededNumbers numbers) =>
        Bytes((numbers.OneIn(5) ? UrlGrammar.Word(numbers, numbers.Of([1, 43, 128, 129, 500])) : "{state}") + "\n" + string.Join('\n', Enumerable.Range(0, 1 + numbers.Size(3)).Select(_ => CookieGrammar.Line(numbers, "{name}", "{binder}").Replace('\n', ' '))));

    public override FuzzOutcome Try(byte[] input)
    {
        var lines = Text(input).Replace("{state}", _state).Replace("{name}", _name).Replace("{binder}", _binder).Split('\n');
        var context = new DefaultHttpContext();
        context.Request.Headers.Cookie = lines[1..];
        var taken = _transactions.TakeAsync(context, lines[0], CancellationToken.None).GetAwaiter().GetResult();
        var isFound = taken.Status == StoreStatus.Found;
        FuzzViolation.Unless(!isFound || lines[0] == _state, "another login goes on");
        FuzzViolation.Unless(!isFound || string.Join(';', lines[1..]).Contains($"{_name}={_binder}", StringComparison.Ordinal) || string.Join(';', lines[1..]).Contains(_binder, StringComparison.Ordinal), "a login goes on in another browser");
        FuzzViolation.Unless(context.Response.Headers.SetCookie.All(line => line!.StartsWith("__Secure-orggw-login-", StringComparison.Ordinal)), "a cookie of another kind is set");
        var outcome = new FuzzOutcome(isFound, $"{taken.Status} {lines[0] == _state} {Math.Min(3, context.Response.Headers.SetCookie.Count)} {Math.Min(4, context.Request.Cookies.Count)}");
        if (lines[0] == _state)
        {
            FuzzViolation.Unless(_transactions.TakeAsync(context, lines[0], CancellationToken.None).GetAwaiter().GetResult().Status == StoreStatus.Missing, "a login goes on twice");
            Begin();
        }
        return outcome;
    }

    private void Begin()
    {
        var context = new DefaultHttpContext();
        var transaction = new LoginTransaction { Provider = "main", RedirectUri = _provider.RedirectUri, NonceHash = new byte[32], Verifier = "v", Next = "/" };
        _state = _transactions.BeginAsync(context, _provider, transaction, CancellationToken.None).GetAwaiter().GetResult()!;
        (_name, _binder) = context.Response.Headers.SetCookie[0]!.Split(';')[0].Split('=', 2) is [var name, var binder] ? (name, binder) : default;
    }
}
