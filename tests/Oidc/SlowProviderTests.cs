using Microsoft.AspNetCore.Http;
using OrgGateway.Oidc;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Oidc;

/// <summary>A provider whose answers are too long or never end, beside one that is well.</summary>
public sealed class SlowProviderTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var endpoint in new[] { "metadata", "keys", "token", "userinfo" })
            foreach (var answer in new[] { "endless", "stalled", "silence", "too large" })
                cases.Add(endpoint, answer);
        return cases;
    }

    [Theory, MemberData(nameof(Cases)), Trait("Row", "T101"), Trait("Row", "O3")]
    public async Task An_endless_or_slow_answer_is_given_up_and_harms_no_other_provider(string endpoint, string answer)
    {
        await using var slow = new HostileProvider();
        await using var well = new HostileProvider();
        await Task.WhenAll(slow.InitializeAsync(), well.InitializeAsync());
        using var rp = new RelyingParty(slow.Clock, new()
        {
            // Long enough for the requests before the slow one; what is endless is stopped by its size long before.
            ["slow"] = RelyingParty.Options(("Issuer", slow.Issuer), ("BackchannelTimeout", answer is "stalled" or "silence" ? "00:00:01" : "00:00:20")),
            ["well"] = RelyingParty.Options(("Issuer", well.Issuer)),
        });
        var givenUp = new TaskCompletionSource();
        var hostile = Endpoint(slow, endpoint);
        hostile.Answer = async context =>
        {
            try
            {
                await Answer(answer)(context);
            }
            catch (OperationCanceledException)
            {
                // The other side hung up.
            }

            if (context.RequestAborted.IsCancellationRequested)
                givenUp.TrySetResult();
        };

        var outcome = UseAsync(rp, rp.Providers.Find("slow")!, slow, endpoint);
        var other = await UseAsync(rp, rp.Providers.Find("well")!, well, endpoint);

        Assert.True(other);
        Assert.False(await outcome.WaitAsync(Bound));
        Assert.Equal(1, hostile.Hits);
        if (answer != "too large")
            await givenUp.Task.WaitAsync(Bound);
    }

    private static ProviderEndpoint Endpoint(HostileProvider provider, string name) => name switch
    {
        "metadata" => provider.Metadata,
        "keys" => provider.Keys,
        "token" => provider.Token,
        _ => provider.UserInfo,
    };

    private static Func<HttpContext, Task> Answer(string name) => name switch
    {
        "endless" => HostileAnswers.Endless,
        "stalled" => HostileAnswers.Stalled,
        "silence" => HostileAnswers.Silence,
        // Valid JSON, with its length announced, of one byte too many.
        _ => context =>
        {
            context.Response.ContentLength = Backchannel.MaxBodyLength + 1;
            return HostileAnswers.Text("{" + new string(' ', Backchannel.MaxBodyLength - 1) + "}", "application/json")(context);
        },
    };

    private static async Task<bool> UseAsync(RelyingParty rp, IdentityProvider provider, HostileProvider server, string endpoint) => endpoint switch
    {
        "metadata" => await provider.GetMetadataAsync(CancellationToken.None) is not null,
        "keys" => await rp.IdTokens.ValidateAsync(provider, server.IdToken(), new(), CancellationToken.None) is IdTokenResult.Valid,
        "token" => await rp.Tokens.RefreshAsync(provider, "a refresh token", null, CancellationToken.None) is TokenAnswer.Granted,
        _ => await rp.UserInfo.GetAsync(provider, HostileProvider.AccessToken, null, HostileProvider.Subject, CancellationToken.None) is not null,
    };
}
