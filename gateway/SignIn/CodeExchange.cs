using System.Diagnostics.Metrics;
using OrgGateway.Jose;
using OrgGateway.Oidc;
using OrgGateway.Sessions;
using OrgGateway.Telemetry;

namespace OrgGateway.SignIn;

public abstract record ExchangeResult
{
    private ExchangeResult()
    {
    }

    public sealed record SignedIn(SessionRecord Record) : ExchangeResult;

    /// <param name="Reason">For the log; the person reads that it failed, and the reference.</param>
    /// <param name="Cause">Of those that the error page has words for.</param>
    public sealed record Failed(string Reason, string Cause = "auth_failed") : ExchangeResult;
}

/// <summary>Code to session: one token request, the ID token checked against what was asked, at most one userinfo request.</summary>
public sealed class CodeExchange(TokenClient tokens, IdTokenValidator idTokens, UserInfoClient userInfo, OrganizationDiagnosis diagnosis, Sessions.SessionOptions options, TimeProvider clock, ILogger<CodeExchange> logger)
{
    private static readonly Counter<long> WithoutRefreshToken = GatewayMeter.Instance.CreateCounter<long>(
        "orggateway.signin.without_refresh_token", description: "Sign-ins whose session ends with its access token, by provider");

    public async Task<ExchangeResult> RunAsync(IdentityProvider provider, LoginTransaction transaction, string code, CancellationToken cancellationToken)
    {
        var answer = await tokens.RedeemAsync(provider, code, transaction.Verifier, transaction.RedirectUri, ProofKey.Of(transaction.ProofKey), cancellationToken);
        if (answer is not TokenAnswer.Granted(var granted))
            return answer is TokenAnswer.Refused(var error) ? new ExchangeResult.Failed(error) : new ExchangeResult.Failed("token endpoint unavailable");
        if (granted.IdToken is null)
            return new ExchangeResult.Failed("no ID token");
        var expected = new IdTokenExpectation
        {
            NonceHash = transaction.NonceHash,
            AccessToken = granted.AccessToken,
            MaxAge = transaction.MaxAge is { } maxAge ? TimeSpan.FromSeconds(maxAge) : null,
            Acr = transaction.Acr,
        };
        switch (await idTokens.ValidateAsync(provider, granted.IdToken, expected, cancellationToken))
        {
            case IdTokenResult.Valid(var idToken):
                return new ExchangeResult.SignedIn(await RecordAsync(provider, transaction, granted, idToken, cancellationToken));
            case IdTokenResult.Refused(var reason):
                return new ExchangeResult.Failed("ID token: " + reason, reason is IdTokenResult.TooOld or IdTokenResult.TooWeak ? "step_up_failed" : "auth_failed");
            default:
                return new ExchangeResult.Failed("the provider's keys are unavailable");
        }
    }

    private async Task<SessionRecord> RecordAsync(
        IdentityProvider provider, LoginTransaction transaction, TokenResponse granted, IdToken idToken, CancellationToken cancellationToken)
    {
        if (granted.RefreshToken is null)
        {
            WithoutRefreshToken.Add(1, new KeyValuePair<string, object?>("provider", provider.Name));
            logger.NoRefreshToken(provider.Name);
        }
        var info = await userInfo.GetAsync(provider, granted.AccessToken, ProofKey.Of(transaction.ProofKey), idToken.Subject, cancellationToken);
        var claims = ClaimsMapping.Read(provider.Options, idToken.Claims, info);
        diagnosis.Judge(provider, idToken, info, claims, granted.Scope);
        var now = clock.GetUtcNow();
        return new SessionRecord
        {
            Provider = provider.Name,
            Issuer = provider.Issuer,
            ClientId = provider.ClientId,
            Subject = idToken.Subject,
            Email = claims.Email,
            EmailVerified = claims.EmailVerified,
            Name = claims.Name,
            Picture = claims.Picture,
            ProviderSession = idToken.SessionId,
            Memberships = claims.Memberships,
            AccessToken = granted.AccessToken,
            AccessTokenExpires = granted.Expires,
            RefreshToken = granted.RefreshToken,
            ProofKey = transaction.ProofKey,
            RefreshTokenExpires = granted.RefreshTokenExpires,
            IdToken = idToken.Raw,
            NonceHash = transaction.NonceHash,
            IdTokenExpires = idToken.Expires,
            Scope = granted.Scope,
            Asked = string.Join(' ', provider.Options.EffectiveScopes()),
            AuthenticatedAt = idToken.AuthTime,
            Acr = idToken.Acr,
            SignedIn = now,
            Ends = now + options.AbsoluteTimeout,
        };
    }
}
