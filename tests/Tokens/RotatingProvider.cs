using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace OrgGateway.Tests.Tokens;

/// <summary>A token endpoint whose refresh tokens are good for one use, and which ends the grant when a used one comes again.</summary>
internal sealed class RotatingProvider(Interleaving schedule)
{
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private int _issued;

    public const string Issuer = "https://idp.example.com";

    public string Current { get; private set; } = "refresh-0";
    public int Requests { get; private set; }
    public int Reuses { get; private set; }
    public bool Ended { get; set; }
    public HashSet<string> AccessTokens { get; } = [];
    public List<string> Revoked { get; } = [];

    /// <summary>Of a hundred requests, how many get 503 and are not looked at.</summary>
    public int UnavailablePerHundred { get; init; }

    /// <summary>Of a hundred requests, how many are carried out and never answered.</summary>
    public int UnansweredPerHundred { get; init; }

    /// <summary>What the discovery document says; it is not part of any schedule.</summary>
    public static HttpMessageHandler Metadata { get; } = new Document();

    public HttpClient ClientOf(SimulatedProcess process) => new(new Wire(this, schedule, process)) { Timeout = Timeout.InfiniteTimeSpan };

    private (HttpStatusCode Status, JsonObject Body) Answer(IDictionary<string, Microsoft.Extensions.Primitives.StringValues> form)
    {
        Requests++;
        var token = form["refresh_token"].ToString();
        if (_used.Contains(token))
        {
            Reuses++;
            Ended = true;
        }
        if (Ended || token != Current)
            return (HttpStatusCode.BadRequest, new() { ["error"] = "invalid_grant" });
        _used.Add(token);
        _issued++;
        Current = "refresh-" + _issued;
        var access = "access-" + _issued;
        AccessTokens.Add(access);
        return (HttpStatusCode.OK, new() { ["access_token"] = access, ["token_type"] = "Bearer", ["expires_in"] = 3600, ["refresh_token"] = Current });
    }

    private sealed class Wire(RotatingProvider provider, Interleaving schedule, SimulatedProcess process) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.AbsolutePath;
            var answered = new TaskCompletionSource<HttpResponseMessage>();
            cancellationToken.Register(() => answered.TrySetCanceled(cancellationToken), useSynchronizationContext: false);
            var form = QueryHelpers.ParseQuery(request.Content!.ReadAsStringAsync(CancellationToken.None).Now());
            var fate = schedule.Numbers.Next(100);
            // On the wire it belongs to nobody: a request arrives although its sender has died.
            schedule.Later(null, () =>
            {
                if (path == "/revoke")
                {
                    provider.Revoked.Add(form["token"].ToString());
                    provider.Ended |= form["token"] == provider.Current;
                    schedule.Later(process, () => answered.TrySetResult(Message(HttpStatusCode.OK, [])));
                    return;
                }
                var unavailable = fate < provider.UnavailablePerHundred;
                var (status, body) = unavailable ? (HttpStatusCode.ServiceUnavailable, []) : provider.Answer(form);
                if (unavailable || fate >= provider.UnavailablePerHundred + provider.UnansweredPerHundred)
                    schedule.Later(process, () => answered.TrySetResult(Message(status, body)));
            });
            return answered.Task;
        }

        public static HttpResponseMessage Message(HttpStatusCode status, JsonObject body) =>
            new(status) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
    }

    private sealed class Document : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(Wire.Message(HttpStatusCode.OK, new()
        {
            ["issuer"] = Issuer,
            ["authorization_endpoint"] = Issuer + "/authorize",
            ["token_endpoint"] = Issuer + "/token",
            ["jwks_uri"] = Issuer + "/jwks",
            ["revocation_endpoint"] = Issuer + "/revoke",
        }));
    }
}
