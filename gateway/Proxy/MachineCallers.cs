using OrgGateway.Access;
using OrgGateway.Answers;
using OrgGateway.ApiKeys;
using OrgGateway.Bearer;
using OrgGateway.Limits;

namespace OrgGateway.Proxy;

/// <summary>Who a program is, from the credential it presented; or what to answer it.</summary>
public sealed class MachineCallers(BearerTokens tokens, ApiKeyStore keys, FailedAttempts failed)
{
    private const int RetryAfter = 5;

    public ApiKeyFormat KeyFormat => keys.Format;

    public ValueTask<MachineCaller> FindAsync(PresentedCredential presented, HttpContext context)
    {
        if (presented.Kind == CredentialKinds.ApiKey)
        {
            if (failed.RefusalFor(AttemptKind.Key, context) is { } blocked)
                return new(new MachineCaller(default, blocked, new(Reason: "key_attempts", KeyPrefix: KeyFormat.Shown(presented.Value!))));
            var key = keys.FindAsync(presented.Value!, context.RequestAborted);
            if (!key.IsCompletedSuccessfully)
                return AwaitAsync(key, presented.Value!, context);
            var read = key.Result;
            return read.Status == ApiKeyStatus.NotFound ? CountedAsync(presented.Value!, context) : new(Of(read, read.Status == ApiKeyStatus.Valid ? null : KeyFormat.Shown(presented.Value!)));
        }
        var token = new BearerToken(presented.Value!);
        var check = tokens.CheckAsync(token.Value, context.RequestAborted);
        if (!check.IsCompletedSuccessfully)
            return AwaitAsync(check, token, context);
        var result = check.Result;
        return IsGuess(result) ? CountedAsync(result, token, context) : new(Of(result, token));
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
        return await failed.CountAsync(AttemptKind.Key, context, shown) is { } blocked ? new(default, blocked, new(Reason: "key_attempts", KeyPrefix: shown)) : Of(default(ApiKeyRead), shown);
    }

    private static MachineCaller Of(in ApiKeyRead read, string? shown) => read.Status switch
    {
        ApiKeyStatus.Valid => new(new(read.Identity, null), null, default),
        ApiKeyStatus.Expired => new(default, Problem.KeyRefused("EXPIRED", "The API key expired"), new(Reason: "key_expired", OrgId: read.Record?.OrgId, KeyId: read.Record?.Id, KeyPrefix: shown)),
        ApiKeyStatus.Disabled => new(default, Problem.KeyRefused("DISABLED", "The API key is disabled"), new(Reason: "key_disabled", OrgId: read.Record?.OrgId, KeyId: read.Record?.Id, KeyPrefix: shown)),
        ApiKeyStatus.Unavailable => new(default, Problem.StoreUnavailable(RetryAfter), new(KeyPrefix: shown)),
        _ => new(default, Problem.KeyRefused("NOT_FOUND", "There is no such API key"), new(Reason: "key_not_found", OrgId: read.Record?.OrgId, KeyId: read.Record?.Id, KeyPrefix: shown)),
    };

    private async ValueTask<MachineCaller> AwaitAsync(ValueTask<BearerResult> check, BearerToken token, HttpContext context)
    {
        var result = await check;
        return IsGuess(result) ? await CountedAsync(result, token, context) : Of(result, token);
    }

    // After the token was looked at: who holds a good one comes in, whatever others send from the same address. What a forger gains is
    // one more check of a signature that cannot be guessed.
    private async ValueTask<MachineCaller> CountedAsync(BearerResult guess, BearerToken token, HttpContext context) =>
        (failed.RefusalFor(AttemptKind.Token, context) ?? await failed.CountAsync(AttemptKind.Token, context, null)) is { } blocked
            ? new(default, blocked, new(Reason: "token_attempts"))
            : Of(guess, token);

    // What no issuer of ours signed. Whoever shows a token that one did sign, expired or made for another, guesses nothing.
    private static bool IsGuess(BearerResult result) => result is BearerResult.Refused
    {
        Fault: BearerFault.Malformed or BearerFault.UnknownIssuer or BearerFault.AlgorithmNotAllowed or BearerFault.UnknownKey or BearerFault.BadSignature,
    };

    private static MachineCaller Of(BearerResult result, BearerToken token) => result switch
    {
        BearerResult.Valid(var identity) => new(new(identity, null, token), null, default),
        BearerResult.Refused(var fault, _) => new(default, ProblemOf(fault), new(Reason: ReasonOf(fault))),
        BearerResult.StoreUnavailable => new(default, Problem.StoreUnavailable(RetryAfter), default),
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
        BearerFault.Revoked => "token_revoked",
        _ => "claim_missing",
    };

    // Distinct for what the caller can mend (A9); one answer for everything that only a forger would like to tell apart.
    private static Problem ProblemOf(BearerFault fault) => fault switch
    {
        BearerFault.Malformed => Problem.TokenRefused("malformed_token", "invalid_request", "Not a well-formed JWT"),
        BearerFault.Expired => Problem.TokenRefused("token_expired", "invalid_token", "The token expired"),
        BearerFault.NotYetValid => Problem.TokenRefused("token_not_yet_valid", "invalid_token", "The token is not valid yet"),
        BearerFault.TooLongLived => Problem.TokenRefused("token_too_long_lived", "invalid_token", "The token's lifetime exceeds what is allowed here"),
        BearerFault.Revoked => Problem.TokenRefused("token_revoked", "invalid_token", "The token was issued before its subject's access ended"),
        BearerFault.WrongAudience => Problem.TokenRefused("wrong_audience", "invalid_token", "The token is for another audience"),
        _ => Problem.TokenRefused("invalid_token", "invalid_token", "The token is not acceptable"),
    };
}

/// <summary>Outcome for a machine's credential.</summary>
/// <param name="Refused">For the audit: why the credential was refused, finer than the caller is told.</param>
public readonly record struct MachineCaller(Caller Caller, Problem? Problem, RefusedCaller Refused);
