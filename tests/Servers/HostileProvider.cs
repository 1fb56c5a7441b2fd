using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrgGateway.Tests.Servers;

/// <summary>
/// An OpenID provider that does as it should until a test makes one thing of it wrong: a member of its metadata, a key, a claim,
/// or a whole answer. Each endpoint counts and keeps its requests.
/// </summary>
public sealed class HostileProvider : IAsyncLifetime, IAsyncDisposable
{
    public const string ClientId = "gateway";
    public const string ClientSecret = "a secret of 32 bytes: + % & = / ~";
    public const string Subject = "alice";
    public const string AccessToken = "access-token-of-alice";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, string>> _pushed = new(StringComparer.Ordinal);

    public HostileProvider()
    {
        Metadata = new(AnswerMetadataAsync);
        Keys = new(AnswerKeysAsync);
        Token = new(AnswerTokenAsync);
        UserInfo = new(AnswerUserInfoAsync);
        Front = new(this);
        Pushed = new(AnswerPushedAsync);
        Revocation = new(HostileAnswers.Status(200));
        Front.Pushed = reference => _pushed.GetValueOrDefault(reference);
        PublishedKeys = [SigningKey];
        _app = Build();
    }

    /// <summary>The time that tokens are made at.</summary>
    public FakeClock Clock { get; } = new(realTimers: true) { UtcNow = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero) };

    /// <summary>What the provider takes for now; a gateway that runs as a process has the machine's time.</summary>
    public Func<DateTimeOffset>? Now { get; set; }

    public string Origin { get; private set; } = "";

    /// <summary>What comes after the origin in the issuer; with a slash at the end or without.</summary>
    public string IssuerPath { get; set; } = "";

    public string Issuer => Origin + IssuerPath;

    public ProviderEndpoint Metadata { get; }
    public ProviderEndpoint Keys { get; }
    public ProviderEndpoint Token { get; }
    public ProviderEndpoint UserInfo { get; }

    /// <summary>Pushed authorization requests; in no metadata unless a test puts it there.</summary>
    public ProviderEndpoint Pushed { get; }

    public ProviderEndpoint Revocation { get; }

    /// <summary>Where browsers come: authorization and end of session.</summary>
    public HostileFront Front { get; }

    /// <summary>Requests that no endpoint of this provider is for.</summary>
    public ConcurrentQueue<string> Strays { get; } = new();

    /// <summary>Applied to the metadata before it is sent.</summary>
    public Action<JsonObject>? ChangeMetadata { get; set; }

    public ProviderKey SigningKey { get; set; } = ProviderKey.Rsa("key-1");

    public IReadOnlyList<ProviderKey> PublishedKeys { get; set; }

    /// <summary>Applied to the claims of every ID Token before it is signed, and to its header.</summary>
    public Action<JsonObject>? ChangeClaims { get; set; }

    public Action<JsonObject>? ChangeHeader { get; set; }

    /// <summary>Signs ID Tokens in place of the signing key.</summary>
    public ProviderKey? IdTokenKey { get; set; }

    /// <summary>Applied to the signed ID Token.</summary>
    public Func<string, string>? ChangeIdToken { get; set; }

    /// <summary>Applied to the token answer before it is sent.</summary>
    public Action<JsonObject>? ChangeTokens { get; set; }

    /// <summary>Applied to the claims of UserInfo before they are sent.</summary>
    public Action<JsonObject>? ChangeUserInfo { get; set; }

    /// <summary>Back to good behaviour; keys, metadata and what was counted stay.</summary>
    public void Behave()
    {
        (ChangeClaims, ChangeHeader, IdTokenKey, ChangeIdToken, ChangeTokens, ChangeUserInfo) = (null, null, null, null, null, null);
        (Token.Answer, UserInfo.Answer, Keys.Answer, Pushed.Answer, Revocation.Answer) = (null, null, null, null, null);
        Front.Behave();
    }

    /// <summary>Starts to sign with a new key and publishes only that.</summary>
    public void RotateKey(string? kid)
    {
        SigningKey = ProviderKey.Rsa(kid);
        PublishedKeys = [SigningKey];
    }

    /// <summary>An ID Token as it should be, but for the changes.</summary>
    public string IdToken(Action<JsonObject>? claims = null, Action<JsonObject>? header = null, ProviderKey? key = null)
    {
        var now = (Now?.Invoke() ?? Clock.UtcNow).ToUnixTimeSeconds();
        var payload = new JsonObject { ["iss"] = Issuer, ["sub"] = Subject, ["aud"] = ClientId, ["iat"] = now, ["exp"] = now + 300 };
        claims?.Invoke(payload);
        ChangeClaims?.Invoke(payload);
        key ??= IdTokenKey ?? SigningKey;
        var jose = key.Header();
        header?.Invoke(jose);
        ChangeHeader?.Invoke(jose);
        var token = key.Sign(jose, payload);
        return ChangeIdToken?.Invoke(token) ?? token;
    }

    public async Task InitializeAsync()
    {
        await _app.StartAsync();
        Origin = _app.Urls.Single();
    }

    public Task StopAsync() => _app.StopAsync();

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(DispatchAsync);
        return app;
    }

    private Task DispatchAsync(HttpContext context)
    {
        var path = context.Request.Path.Value;
        // Exactly where Discovery §4.1 puts it: anything else is not found.
        if (path == IssuerPath.TrimEnd('/') + "/.well-known/openid-configuration")
            return Metadata.HandleAsync(context);
        return path switch
        {
            "/jwks" => Keys.HandleAsync(context),
            "/token" => Token.HandleAsync(context),
            "/userinfo" => UserInfo.HandleAsync(context),
            "/par" => Pushed.HandleAsync(context),
            "/revoke" => Revocation.HandleAsync(context),
            "/authorize" => Front.Authorize.HandleAsync(context),
            "/end-session" => Front.EndSession.HandleAsync(context),
            _ => StrayAsync(context),
        };
    }

    private Task StrayAsync(HttpContext context)
    {
        Strays.Enqueue($"{context.Request.Method} {context.Request.Path}");
        return HostileAnswers.Status(404)(context);
    }

    private Task AnswerMetadataAsync(HttpContext context)
    {
        var document = new JsonObject
        {
            ["issuer"] = Issuer,
            ["authorization_endpoint"] = Origin + "/authorize",
            ["token_endpoint"] = Origin + "/token",
            ["jwks_uri"] = Origin + "/jwks",
            ["userinfo_endpoint"] = Origin + "/userinfo",
            ["end_session_endpoint"] = Origin + "/end-session",
            ["response_types_supported"] = new JsonArray("code"),
            ["code_challenge_methods_supported"] = new JsonArray("S256"),
            ["authorization_response_iss_parameter_supported"] = true,
        };
        ChangeMetadata?.Invoke(document);
        return HostileAnswers.Json(document)(context);
    }

    private Task AnswerKeysAsync(HttpContext context) =>
        HostileAnswers.Json(new JsonObject { ["keys"] = new JsonArray([.. PublishedKeys.Select(key => key.Jwk.DeepClone())]) })(context);

    private Task AnswerTokenAsync(HttpContext context)
    {
        var tokens = new JsonObject { ["access_token"] = AccessToken, ["token_type"] = "Bearer", ["expires_in"] = 300, ["id_token"] = IdToken(Front.ClaimsFor(Token.LastRequest)) };
        ChangeTokens?.Invoke(tokens);
        return HostileAnswers.Json(tokens)(context);
    }

    private Task AnswerPushedAsync(HttpContext context)
    {
        var reference = $"urn:ietf:params:oauth:request_uri:{Pushed.Hits}";
        _pushed[reference] = Pushed.LastRequest.Form.ToDictionary(field => field.Key, field => field.Value.Single());
        return HostileAnswers.Json(new JsonObject { ["request_uri"] = reference, ["expires_in"] = 60 }, 201)(context);
    }

    private Task AnswerUserInfoAsync(HttpContext context)
    {
        var claims = new JsonObject { ["sub"] = Subject, ["email"] = "alice@acme.test", ["email_verified"] = true };
        ChangeUserInfo?.Invoke(claims);
        return HostileAnswers.Json(claims)(context);
    }
}
