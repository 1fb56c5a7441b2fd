using OrgGateway.Limits;

namespace OrgGateway.SignIn;

/// <summary>Bounds the sign-ins that one address begins: each leaves a transaction in the store (T106).</summary>
public sealed class LoginLimit(RateLimiter limiter, CurrentRateLimits limits, SignInAnswers answers)
{
    public RequestDelegate Before(RequestDelegate next) => async context =>
    {
        var verdict = await limiter.UseAsync(limits.Value[RateLimit.Login], ["address", RateLimiter.AddressOf(context)], null, always: false, context.RequestAborted);
        if (LimitAnswer.ProblemOf(verdict, isKey: false) is not { } refusal)
        {
            await next(context);
            return;
        }
        LimitAnswer.WriteFields(context.Response, verdict);
        await answers.ProblemAsync(context, refusal);
    };
}
