// ASP.NET Core: what an app does with X-Auth-Assertion. Package Microsoft.AspNetCore.Authentication.JwtBearer
builder.Services.AddAuthentication("gateway").AddJwtBearer("gateway", options =>
{
    options.MapInboundClaims = false;
    options.TokenValidationParameters = new()
    {
        ValidIssuer = "https://app.example.com", ValidAudience = "app", ValidAlgorithms = ["ES256"], ClockSkew = TimeSpan.FromSeconds(5),
        IssuerSigningKeyResolver = (_, _, kid, _) => keys.Where(key => key.KeyId == kid), // JsonWebKeySet of /auth/.well-known/jwks.json, fetched anew for an unknown kid
    };
    options.Events = new()
    {
        OnMessageReceived = context => { context.Token = context.Request.Headers["X-Auth-Assertion"]; return Task.CompletedTask; },
        OnTokenValidated = context => { if (context.Principal!.FindFirst("method")?.Value != context.Request.Method) context.Fail("made for another method"); return Task.CompletedTask; },
    };
});
