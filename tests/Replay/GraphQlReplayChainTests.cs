using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using OrgGateway.Tests.OrgTokens;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Replay;

/// <summary>GraphQL says in a 200 that a token is dead. What says so for sure is healed; every other answer passes as it is, byte by byte.</summary>
public sealed class GraphQlReplayChainTests(KrakenFixture kraken) : IClassFixture<KrakenFixture>, IDisposable
{
    private GatewayStack Stack => kraken.Stack;

    private int Mints => kraken.Kraken.Mints;

    public void Dispose() => Stack.Upstream.Answer = null;

    [Theory, Trait("Row", "K19")]
    [InlineData("/gql/kappa/", "KT-CT-1124", "")]
    [InlineData("/gql/kappa/", "KT-CT-1120", "gzip")]
    [InlineData("/gql/kappa/", "KT-CT-1143", "br")]
    [InlineData("/gql/kappa/", "KT-CT-1112", "")]
    [InlineData("/own/kappa/", "DEAD_CREDENTIAL", "")]
    public async Task A_credential_error_in_a_200_is_healed_unseen(string path, string code, string encoding)
    {
        await WarmAsync();
        kraken.Kraken.KillTokens();
        Stack.Upstream.Answer = context => IsAlive(context) ? kraken.Kraken.AnswerQueryAsync(context) : WriteAsync(context, KrakenServer.Error(code).ToJsonString(), encoding);
        var minted = Mints;
        Stack.Upstream.Forget();

        using var answer = await kraken.Http.SendAsync(Query(path, "{\"query\":\"mutation { doIt }\"}"));
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

        Assert.Equal((HttpStatusCode.OK, "kappa"), (answer.StatusCode, (string?)body["data"]!["organization"]));
        Assert.Equal((1, 2), (Mints - minted, Stack.Upstream.Hits));
        Assert.Equal(Stack.Upstream.Requests[0].Text, Stack.Upstream.Requests[1].Text);
    }

    [Fact, Trait("Row", "K19")]
    public async Task Apollos_code_is_healed_too()
    {
        await WarmAsync();
        kraken.Kraken.KillTokens();
        Stack.Upstream.Answer = context => IsAlive(context) ? kraken.Kraken.AnswerQueryAsync(context)
            : WriteAsync(context, "{\"errors\":[{\"message\":\"no\",\"extensions\":{\"code\":\"UNAUTHENTICATED\"}}]}", "");
        using var answer = await kraken.Http.SendAsync(Query("/apollo/kappa/", "{}"));
        Assert.Contains("kappa", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory, Trait("Row", "K20")]
    [InlineData("KT-CT-1111")]
    [InlineData("KT-CT-1128")]
    [InlineData("KT-CT-4177")]
    [InlineData("KT-CT-1199")]
    [InlineData("KT-CT-1188")]
    [InlineData("KT-CT-1189")]
    public async Task Permissions_and_rate_limits_pass_untouched(string code)
    {
        var text = KrakenServer.Error(code).ToJsonString() + "\n ";
        await PassesAsync(text, "");
        await PassesAsync(text, "gzip");
    }

    [Theory, Trait("Row", "K21"), Trait("Row", "K20")]
    [InlineData("{\"data\":{\"viewer\":null},\"errors\":[{\"extensions\":{\"errorCode\":\"KT-CT-1124\"}}]}")]
    [InlineData("{\"errors\":[{\"extensions\":{\"errorCode\":\"KT-CT-1124\"}}],\"data\":{\"done\":true}}")]
    [InlineData("[{\"data\":null,\"errors\":[{\"extensions\":{\"errorCode\":\"KT-CT-1124\"}}]}]")]
    [InlineData("{\"data\":null,\"errors\":[{\"extensions\":{\"errorType\":\"KT-CT-1124\"}}]}")]
    [InlineData("{\"data\":null,\"errors\":[{\"message\":\"KT-CT-1124\"}]}")]
    [InlineData("{\"data\":null,\"errors\":[{\"extensions\":{\"errorCode\":\"KT-CT-1124\"}}]")]
    [InlineData("not json at all")]
    public Task An_answer_that_does_not_say_so_for_sure_passes_untouched(string text) => PassesAsync(text, "");

    [Fact, Trait("Row", "T110")]
    public async Task An_answer_of_a_hundred_megabytes_is_not_held_back_to_look_at_its_end()
    {
        await WarmAsync();
        var seen = new TaskCompletionSource();
        var chunk = Encoding.ASCII.GetBytes(new string('x', 1024 * 1024));
        Stack.Upstream.Answer = async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("{\"extensions\":{\"a\":\"");
            for (var i = 0; i < 100; i++)
            {
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
                if (i == 2)
                    await seen.Task.WaitAsync(TimeSpan.FromSeconds(30)); // the caller has the beginning while the end does not exist yet
            }
            await context.Response.WriteAsync("\"},\"data\":null,\"errors\":[{\"extensions\":{\"errorCode\":\"KT-CT-1124\"}}]}");
        };
        var minted = Mints;
        Stack.Upstream.Forget();

        using var answer = await kraken.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(Stack.Url, "/gql/kappa/large")), HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[1024 * 1024];
        await stream.ReadExactlyAsync(buffer);
        seen.SetResult();
        var (total, read) = (buffer.LongLength, 0);
        while ((read = await stream.ReadAsync(buffer)) > 0)
            total += read;

        Assert.InRange(total, 100 * chunk.Length, (100 * chunk.Length) + 1024);
        Assert.Equal((0, 1), (Mints - minted, Stack.Upstream.Hits));
    }

    private async Task WarmAsync() => (await kraken.GetAsync("/raw/kappa/warm")).Dispose();

    private bool IsAlive(HttpContext context) => kraken.Kraken.OrganizationOf(context.Request.Headers.Authorization) is not null;

    private HttpRequestMessage Query(string path, string json) =>
        new(HttpMethod.Post, new Uri(Stack.Url, path)) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    private async Task PassesAsync(string text, string encoding)
    {
        await WarmAsync();
        Stack.Upstream.Answer = context => WriteAsync(context, text, encoding);
        var minted = Mints;
        Stack.Upstream.Forget();
        using var answer = await kraken.Http.SendAsync(Query("/gql/kappa/", "{}"));
        var body = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal((HttpStatusCode.OK, encoding.Length == 0 ? text : null), (answer.StatusCode, encoding.Length == 0 ? Encoding.UTF8.GetString(body) : null));
        Assert.Equal(Encoded(text, encoding), body);
        Assert.Equal((0, 1), (Mints - minted, Stack.Upstream.Hits));
    }

    private static Task WriteAsync(HttpContext context, string text, string encoding)
    {
        context.Response.ContentType = "application/json";
        if (encoding.Length > 0)
            context.Response.Headers.ContentEncoding = encoding;
        return context.Response.Body.WriteAsync(Encoded(text, encoding)).AsTask();
    }

    private static byte[] Encoded(string text, string encoding)
    {
        using var buffer = new MemoryStream();
        using (Stream? deflate = encoding switch
        {
            "gzip" => new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(buffer, CompressionLevel.Fastest, leaveOpen: true),
            _ => null,
        })
            (deflate ?? buffer).Write(Encoding.UTF8.GetBytes(text));
        return buffer.ToArray();
    }
}
