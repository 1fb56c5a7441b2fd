using System.Net;
using Microsoft.AspNetCore.Http;
using OrgGateway.SignIn;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Authorization responses, as query and as posted form: each parameter once, whole and bounded, or nothing at all.</summary>
internal sealed class CallbackTarget : FuzzTarget
{
    private static readonly string[] Names = ["state", "code", "iss", "error", "error_description", "id_token", "access_token", "session_state", "State", "state[]"];

    public override string Name => "callback";
    public override int Inputs => 5000;
    public override IReadOnlyList<string> Words { get; } = [.. Fuzz.Words.Odd, .. Names.Select(name => name + "="), "&", "%26", "%3d", "+", "%", "%zz", "%ff"];
    public override int Longest => 10_000;

    public override byte[] Generate(SeededNumbers numbers) => Bytes(numbers.OneIn(40) ? "state=" + UrlGrammar.Word(numbers, numbers.Of([4095, 4096, 4097, 9000])) : UrlGrammar.Query(numbers, Names));

    public override FuzzOutcome Try(byte[] input)
    {
        var text = Text(input);
        var context = new DefaultHttpContext();
        // A fragment never reaches a server.
        context.Request.QueryString = new QueryString("?" + text.Split('#')[0]);
        var query = CallbackParameters.Read(context.Request.Query);
        if (query is not null)
            AssertSaidOnce(query, text.Split('#')[0]);

        context.Request.ContentType = "application/x-www-form-urlencoded";
        context.Request.Body = new MemoryStream(input);
        var form = CallbackParameters.ReadFormAsync(context.Request, CancellationToken.None).GetAwaiter().GetResult();
        return new(query is not null, $"{Of(query)} {Of(form)}");
    }

    private static void AssertSaidOnce(CallbackParameters read, string query)
    {
        var said = query.Split('&').Select(pair => pair.Split('=', 2)).Where(pair => pair.Length == 2)
            .Select(pair => (Name: WebUtility.UrlDecode(pair[0]), Value: WebUtility.UrlDecode(pair[1]))).ToArray();
        foreach (var (name, value) in new[] { ("state", read.State), ("code", read.Code), ("iss", read.Iss), ("error", read.Error) })
        {
            FuzzViolation.Unless(value is null || (value.Length <= 4096 && said.Count(pair => pair.Name == name) == 1), $"{name} is taken though it is too long or stands twice");
            FuzzViolation.Unless(value is null || !value.All(char.IsAsciiLetterOrDigit) || Array.Exists(said, pair => pair.Name == name && pair.Value == value), $"{name} is another than was sent");
        }
    }

    private static string Of(CallbackParameters? read) =>
        read is null ? "none" : $"{read.State is not null}{read.Code is not null}{read.Iss is not null}{read.Error is not null}{read.ErrorDescription is not null}{read.HasTokens}";
}
