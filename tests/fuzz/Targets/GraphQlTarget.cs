using System.Text.Json;
using OrgGateway.Access;
using OrgGateway.Replay;
using OrgGateway.Tests.Tokens;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Answers of GraphQL upstreams: what is judged of a part holds for the whole, and nothing with data is ever sent again.</summary>
internal sealed class GraphQlTarget : FuzzTarget
{
    private readonly GraphQlCodes _codes = GraphQlCodes.TryParse("kraken", out var codes) ? codes! : throw new InvalidOperationException();
    private readonly JsonGrammar _grammar = new(
        """{"errors":[{"message":"m","extensions":{"errorCode":"KT-CT-1124"}}],"data":null}""",
        """{"data":{"a":1},"errors":[{"extensions":{"code":"KT-CT-1112"}}]}""",
        """{"extensions":{"x":1},"errors":[{"message":"m"},{"extensions":{"errorCode":"KT-CT-1111"}}]}""",
        """{"data":null,"errors":[{"extensions":{"errorCode":"KT-CT-1143","errorDescription":"d"}}]}""")
    { Values = ["KT-CT-1112", "KT-CT-1120", "KT-CT-1124", "KT-CT-1143", "KT-CT-1199"] };

    public override string Name => "graphql";
    public override int Inputs => 5000;
    public override IReadOnlyList<string> Words { get; } = [.. Fuzz.Words.Json, "\"data\"", "\"errors\"", "\"extensions\"", "\"errorCode\"", "\"KT-CT-1124\"", "\"d\\u0061ta\""];

    public override byte[] Generate(SeededNumbers numbers) => Bytes(_grammar.Text(numbers, calm: 15));

    public override FuzzOutcome Try(byte[] input)
    {
        var whole = GraphQlAnswer.Judge(input, isWhole: true, _codes);
        for (var length = 0; length < input.Length; length += 1 + (input.Length / 7))
        {
            var part = GraphQlAnswer.Judge(input.AsSpan(0, length), isWhole: false, _codes);
            // What comes behind a judged object is not looked at.
            FuzzViolation.Unless(part is not GraphQlJudgement.CredentialError || whole is not GraphQlJudgement.Other || !IsJson(input), "a part is judged otherwise than the whole");
        }
        if (whole is GraphQlJudgement.CredentialError && IsJson(input))
        {
            using var answer = JsonDocument.Parse(input);
            FuzzViolation.Unless(!answer.RootElement.TryGetProperty("data", out var data) || data.ValueKind == JsonValueKind.Null, "an answer with data would be asked for again");
        }
        _ = GraphQlCodes.TryParse(Text(input), out _);
        using var response = new HttpResponseMessage();
        if (response.Headers.TryAddWithoutValidation("WWW-Authenticate", Text(input)))
            _ = Challenge.AllowsAnother(response.Headers);
        return new(whole is GraphQlJudgement.CredentialError, $"{whole} {IsJson(input)}");
    }

    private static bool IsJson(byte[] input)
    {
        try
        {
            using var read = JsonDocument.Parse(input, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return read.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
