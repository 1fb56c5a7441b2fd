using System.Net;

namespace OrgGateway.Oidc;

/// <summary>The gateway's own requests to providers: bounded in time and size, and sent where they were meant to go.</summary>
public static class Backchannel
{
    /// <summary>In bytes, of any answer. A provider with thousands of keys or claims stays below it.</summary>
    public const int MaxBodyLength = 512 * 1024;

    private const int LongestNonce = 512;

    /// <summary>One client for all providers: it holds no cookie, no credential and no base address.</summary>
    public static HttpClient CreateClient() => new(new SocketsHttpHandler
    {
        // A redirect would take a code, a secret or the fetch of keys to a place nobody configured.
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        // Nothing is inflated, so nothing small becomes large.
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        // So that a provider that moves is followed.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        // The rest of a body that was too large is not read for the sake of the connection.
        MaxResponseDrainSize = 0,
        // Providers are other people's systems: our trace ids stay here.
        ActivityHeadersPropagator = null,
    })
    {
        // Each request has its provider's.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Sends a request once and reads the whole answer, within the time.</summary>
    /// <exception cref="OperationCanceledException">The caller's token, and nothing else, was cancelled.</exception>
    internal static async Task<BackchannelAnswer> SendAsync(
        HttpClient client, HttpRequestMessage request, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var body = await ReadAsync(response.Content, either.Token);
            return body is null
                ? new BackchannelAnswer.Failed("its answer is too large")
                : new BackchannelAnswer.Received(response.StatusCode, body, response.Content.Headers.ContentType?.MediaType, RetryAfter(response, time))
                {
                    ProofNonce = ProofNonce(response),
                    ProofNonceIsWanted = response.Headers.WwwAuthenticate.Any(challenge =>
                        challenge.Scheme.Equals("DPoP", StringComparison.OrdinalIgnoreCase) && challenge.Parameter?.Contains("use_dpop_nonce", StringComparison.Ordinal) is true),
                };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new BackchannelAnswer.Failed("no whole answer in time");
        }
        catch (HttpRequestException exception)
        {
            return new BackchannelAnswer.Failed(exception.HttpRequestError.ToString()) { Unreached = true };
        }
        catch (IOException)
        {
            return new BackchannelAnswer.Failed("the connection broke") { Unreached = true };
        }
    }

    private static async Task<byte[]?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > MaxBodyLength)
            return null;

        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[Math.Min(MaxBodyLength, (int)(content.Headers.ContentLength ?? 4095)) + 1];
        var length = 0;
        while (true)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
                return buffer[..length];

            length += read;
            if (length > MaxBodyLength)
                return null;
            if (length == buffer.Length)
                Array.Resize(ref buffer, Math.Min(2 * length, MaxBodyLength + 1));
        }
    }

    private static string? ProofNonce(HttpResponseMessage response) =>
        response.Headers.TryGetValues("DPoP-Nonce", out var nonces) && nonces.ToArray() is [{ Length: > 0 and <= LongestNonce } nonce]
        && !nonce.AsSpan().ContainsAnyExceptInRange('!', '~') ? nonce : null;

    private static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time)
    {
        var header = response.Headers.RetryAfter;
        if ((header?.Delta ?? header?.Date - time.GetUtcNow()) is not { } wait)
            return null;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > TimeSpan.FromHours(1) ? TimeSpan.FromHours(1) : wait;
    }
}
