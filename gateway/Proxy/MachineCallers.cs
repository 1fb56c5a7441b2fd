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
                return new(new MachineCaller(default, blocked, "RATE_LIMITED"));
            var key = keys.FindAsync(presented.Value!, context.RequestAborted);
            if (!key.IsCompletedSuccessfully)
                return AwaitAsync(key, presented.Value!, context);
            var read = key.Result;
            return read.Status == ApiKeyStatus.NotFound ? CountedAsync(presented.Value!, context) : new(Of(read));
        }
        var token = new BearerToken(presented.Value!);
        var check = tokens.CheckAsync(token.Value, context.RequestAborted);
        return check.IsCompletedSuccessfully ? new(Of(check.Result, token)) : AwaitAsync(check, token);
    }

    private async ValueTask<MachineCaller> AwaitAsync(ValueTask<ApiKeyRead> key, string presented, HttpContext context)
    {
        var read = await key;
        return read.Status == ApiKeyStatus.NotFound ? await CountedAsync(presented, context) : Of(read);
    }

    // Only unknown keys: whoever holds a key that has ended guesses nothing.
    private async ValueTask<MachineCaller> CountedAsync(string presented, HttpContext context) =>
        await failed.CountAsync(context, KeyFormat.Shown(presented)) is { } blocked ? new(default, blocked, "RATE_LIMITED") : Of(default(ApiKeyRead));

    private static MachineCaller Of(in ApiKeyRead read) => read.Status switch
    {
        ApiKeyStatus.Valid => new(new(read.Identity, null), null, null),
        ApiKeyStatus.Expired => new(default, Problem.KeyRefused("EXPIRED", "The API key expired"), "EXPIRED"),
        ApiKeyStatus.Disabled => new(default, Problem.KeyRefused("DISABLED", "The API key is disabled"), "DISABLED"),
        ApiKeyStatus.Unavailable => new(default, Problem.StoreUnavailable(RetryAfter), null),
        _ => new(default, Problem.KeyRefused("NOT_FOUND", "There is no such API key"), "NOT_FOUND"),
    };

    private static async ValueTask<MachineCaller> AwaitAsync(ValueTask<BearerResult> check, BearerToken token) => Of(await check, token);

    private static MachineCaller Of(BearerResult result, BearerToken token) => result switch
    {
        BearerResult.Valid(var identity) => new(new(identity, null, token), null, null),
        BearerResult.Refused(var fault, _) => new(default, ProblemOf(fault), fault.ToString()),
        _ => new(default, Problem.KeysUnavailable(RetryAfter), null),
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
/// <param name="Reason">For the audit: why the credential was refused, finer than the caller is told.</param>
public readonly record struct MachineCaller(Caller Caller, Problem? Problem, string? Reason);
