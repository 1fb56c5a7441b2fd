using System.Net;
using System.Text.Json;
using OrgGateway.Tests.Servers;
using OrgGateway.Tests.Sessions;

namespace OrgGateway.Tests.Chaos;

/// <summary>People at work on every replica at once, in one tab per organization; and people whose sessions are revoked.</summary>
internal sealed class ChaosLoad(ChaosServers servers, ChaosCounts counts) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);
    private readonly CookieClient _client = new();
    private int _epoch;

    /// <summary>Whether every replica reaches the store and hears its messages; a change of it makes measurements across it void.</summary>
    public void Settled(bool settled) => Volatile.Write(ref _epoch, settled ? Math.Abs(_epoch) + 1 : -Math.Abs(_epoch) - 1);

    public void Dispose() => _client.Dispose();

    /// <summary>One person until the end; what it gets must be its own.</summary>
    public async Task WorkAsync(string person, string cookie, string subject, string[] organizations, CancellationToken end)
    {
        for (var i = 0; !end.IsCancellationRequested; i++)
        {
            var (replica, organization) = (i % servers.Urls.Length, organizations[i % organizations.Length]);
            counts.Asked();
            try
            {
                using var answer = await _client.GetAsync(servers.Urls[replica], $"/orgs/{organization}/work", cookie);
                var body = await answer.Content.ReadAsStringAsync(CancellationToken.None);
                if (answer.StatusCode == HttpStatusCode.OK && body == $"{organization} {subject}")
                    counts.Answered();
                else if (answer.StatusCode == HttpStatusCode.OK)
                    counts.Mistaken($"{person} asked for {organization} at {replica} and got '{body}'");
                else if ((int)answer.StatusCode >= 500)
                    counts.Failed(CodeOf(body) ?? $"{(int)answer.StatusCode}");
                else if (answer.StatusCode == HttpStatusCode.Forbidden)
                    counts.Mistaken($"{person} was refused {organization} at {replica}");
                else
                    counts.SignedOut($"{person} got {(int)answer.StatusCode} at {replica}: {body}");
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
            {
                counts.Unreachable();
            }
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    /// <summary>Signs people in, warms them everywhere, signs them out at one replica, and looks a second later.</summary>
    public async Task RevokeAsync(CancellationToken end)
    {
        for (var i = 0; !end.IsCancellationRequested; i++)
        {
            var epoch = Volatile.Read(ref _epoch);
            var now = TimeProvider.System.GetUtcNow();
            var record = TestSessions.Record(now, "leaver-" + i) with { Issuer = servers.Stack.Provider.Issuer, Ends = now.AddMinutes(10), AccessTokenExpires = now.AddMinutes(10) };
            if (await servers.Seed.Sessions.CreateAsync(record, CancellationToken.None) is not { Cookie: var cookie })
            {
                await Task.Delay(Pause, CancellationToken.None);
                continue;
            }
            foreach (var url in servers.Urls)
                await StatusAsync(url, "/me", cookie);
            var at = i % servers.Urls.Length;
            var signedOut = await StatusAsync(servers.Urls[at], "/auth/logout", cookie);
            if (signedOut is HttpStatusCode.OK)
                counts.Revoked();
            await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
            var isQuiet = epoch > 0 && Volatile.Read(ref _epoch) == epoch;
            for (var replica = 0; replica < servers.Urls.Length; replica++)
                // Where it was said it holds whatever is broken; elsewhere as soon as messages can come.
                if (signedOut is HttpStatusCode.OK && (replica == at || isQuiet) && await StatusAsync(servers.Urls[replica], "/me", cookie) == HttpStatusCode.OK)
                    counts.Slipped($"session {i} signed out at {at} was let in at {replica}");
        }
    }

    private async Task<HttpStatusCode?> StatusAsync(Uri gateway, string path, string cookie)
    {
        try
        {
            return await _client.StatusAsync(gateway, path, cookie);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            return null;
        }
    }

    private static string? CodeOf(string body)
    {
        try
        {
            return JsonDocument.Parse(body).RootElement.GetProperty("code").GetString();
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
