using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.ApiKeys;
using OrgGateway.Bearer;
using OrgGateway.Limits;

namespace OrgGateway.Proxy;

/// <summary>Who a program is, from the credential it presented; or what to answer it.</summary>
public sealed class MachineCallers(BearerTokens tokens, ApiKeyStore keys, FailedKeys failed)
{
    private const int RetryAfter = 5;

    public ApiKeyFormat KeyFormat => keys.Format;

    public ValueTask<MachineCaller> FindAsync(PresentedCredential presented, HttpContext context)
    {
        if (presented.Kind == CredentialKinds.ApiKey)
        {
            if (failed.RefusalFor(context) is { } blocked)
                return new(new MachineCaller(default, blocked, new(Reason: "key_attempts", KeyPrefix: KeyFormat.Shown(presented.Value!))));
            var key = keys.FindAsync(presented.Value!, context.RequestAborted);
            if (!key.IsCompletedSuccessfully)
                return AwaitAsync(key, presented.Value!, context);
            var read = key.Result;
            return read.Status == ApiKeyStatus.NotFound ? CountedAsync(presented.Value!, context) : new(Of(read, read.Status == ApiKeyStatus.Valid ? null : KeyFormat.Shown(presented.Value!)));
        }
        var token = new BearerToken(presented.Value!);
        var check = tokens.CheckAsync(token.Value, context.RequestAborted);
        return check.IsCompletedSuccessfully ? new(Of(check.Result, token)) : AwaitAsync(check, token);
    }

    private async ValueTask<MachineCaller> AwaitAsync(ValueTask<ApiKeyRead> key, string presented, HttpContext context)
    {
        var read = await key;
        return read.Status == ApiKeyStatus.NotFound ? await CountedAsync(presented, context) : Of(read, KeyFormat.Shown(presented));
    }

    // Only unknown keys: whoever holds a key that has ended guesses nothing.
    private async ValueTask<MachineCaller> CountedAsync(string presented, HttpContext context)
    {
        var shown = KeyFormat.Shown(presented);
        return await failed.CountAsync(context, shown) is { } blocked ? new(default, blocked, new(Reason: "key_attempts", KeyPrefix: shown)) : Of(default(ApiKeyRead), shown);
    }

    private static MachineCaller Of(in ApiKeyRead read, string? shown) => read.Status switch
    {
        ApiKeyStatus.Valid => new(new(read.Identity, null), null, default),
        ApiKeyStatus.Expired => new(default, Problem.KeyRefused("EXPIRED", "The API key expired"), new(Reason: "key_expired", OrgId: read.Record?.OrgId, KeyId: read.Record?.Id, KeyPrefix: shown)),
        ApiKeyStatus.Disabled => new(default, Problem.KeyRefused("DISABLED", "The API key is disabled"), new(Reason: "key_disabled", OrgId: read.Record?.OrgId, KeyId: read.Record?.Id, KeyPrefix: shown)),
        ApiKeyStatus.Unavailable => new(default, Problem.StoreUnavailable(RetryAfter), new(KeyPrefix: shown)),
        _ => new(default, Problem.KeyRefused("NOT_FOUND", "There is no such API key"), new(Reason: "key_not_found", OrgId: read.Record?.OrgId, KeyId: read.Record?.Id, KeyPrefix: shown)),
    };

    private static async ValueTask<MachineCaller> AwaitAsync(ValueTask<BearerResult> check, BearerToken token) => Of(await check, token);

    private static MachineCaller Of(BearerResult result, BearerToken token) => result switch
    {
        BearerResult.Valid(var identity) => new(new(identity, null, token), null, default),
        BearerResult.Refused(var fault, _) => new(default, ProblemOf(fault), new(Reason: ReasonOf(fault))),
        _ => new(default, Problem.KeysUnavailable(RetryAfter), default),
    };

    // Stable: alerts are written against them.
    private static string ReasonOf(BearerFault fault) => fault switch
    {
        BearerFault.Malformed => "malformed_token",
        BearerFault.UnknownIssuer => "unknown_issuer",
        BearerFault.AlgorithmNotAllowed => "algorithm_not_allowed",
        BearerFault.WrongKind => "wrong_token_kind",
        BearerFault.UnknownKey => "unknown_key",
        BearerFault.BadSignature => "bad_signature",
        BearerFault.WrongAudience => "wrong_audience",
        BearerFault.Expired => "token_expired",
        BearerFault.NotYetValid => "token_not_yet_valid",
        BearerFault.TooLongLived => "token_too_long_lived",
        _ => "claim_missing",
    };

    // Distinct for what the caller can mend (A9); one answer for everything that only a forger would like to tell apart.
    private static Problem ProblemOf(BearerFault fault) => fault switch
    {
        BearerFault.Malformed => Problem.TokenRefused("malformed_token", "invalid_request", "Not a well-formed JWT"),
        BearerFault.Expired => Problem.TokenRefused("token_expired", "invalid_token", "The token expired"),
        BearerFault.NotYetValid => Problem.TokenRefused("token_not_yet_valid", "invalid_token", "The token is not valid yet"),
        BearerFault.TooLongLived => Problem.TokenRefused("token_too_long_lived", "invalid_token", "The token's lifetime exceeds what is allowed here"),
        BearerFault.WrongAudience => Problem.TokenRefused("wrong_audience", "invalid_token", "The token is for another audience"),
        _ => Problem.TokenRefused("invalid_token", "invalid_token", "The token is not acceptable"),
    };
}

/// <summary>Outcome for a machine's credential.</summary>
/// <param name="Refused">For the audit: why the credential was refused, finer than the caller is told.</param>
public readonly record struct MachineCaller(Caller Caller, Problem? Problem, RefusedCaller Refused);
