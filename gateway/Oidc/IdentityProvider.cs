using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OrgGateway.Jose;

namespace OrgGateway.Oidc;

/// <summary>One configured OpenID provider: its metadata and keys, which are never used for another's tokens.</summary>
public sealed class IdentityProvider
{
    private static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(1);

    private readonly HttpClient _backchannel;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CachedDocument<ProviderMetadata> _metadata;
    private readonly ProviderKeys _keys;
    private readonly Uri _document;
    private volatile string? _pinned;
    private volatile int _answers; // 0 not asked yet, 1 it did, -1 it did not

    internal IdentityProvider(string name, IdentityProviderOptions options, string redirectUri, HttpClient backchannel, TimeProvider time, ILogger logger)
    {
        (Name, Options, RedirectUri) = (name, options, redirectUri);
        (_backchannel, _time, _logger) = (backchannel, time, logger);

        Client = new(options.ClientAuthentication, options.ClientId, options.ClientSecret)
        {
            Assertions = options.ClientAuthentication == ClientAuthentication.PrivateKeyJwt
                ? new(ClientKey.Read(options), options.ClientId, () => Issuer, time)
                : null,
        };

        // Discovery §4.1: one slash at the end is removed, no more.
        var issuer = options.Issuer.EndsWith('/') ? options.Issuer[..^1] : options.Issuer;
        _document = new Uri(issuer + "/.well-known/openid-configuration");
        _metadata = new(FetchMetadataAsync, time);
        _keys = new(FetchKeysAsync, options.KeyRefetchCooldown, time);
    }

    public string Name { get; }
    public IdentityProviderOptions Options { get; }
    public string ClientId => Options.ClientId;

    /// <summary>The last nonce that each endpoint gave for proofs (RFC 9449 §8); as many as the metadata has endpoints.</summary>
    internal ConcurrentDictionary<Uri, string> ProofNonces { get; } = new();

    /// <summary>How the gateway proves itself there.</summary>
    internal ClientAuthentication Client { get; }

    /// <summary>The document's issuer once there was a document; until then the configured one, which may differ by a slash at the end.</summary>
    public string Issuer => _pinned ?? Options.Issuer;

    /// <summary>This provider's own, so that a code of one is never taken to another (RFC 9700 §4.4.2.2).</summary>
    public string RedirectUri { get; }

    /// <summary>Whether it answered when it was last asked for its metadata; null before that. For readiness and operators.</summary>
    public bool? Answers => _answers switch { 0 => null, > 0 => true, _ => false };

    /// <summary>Whether a stored issuer is this provider's; knows how to compare before the document was read, too.</summary>
    public bool IsIssuer(string issuer) =>
        _pinned is { } pinned ? issuer == pinned : ProviderMetadata.SameButForSlash(issuer, Options.Issuer);

    /// <returns>Null when the provider cannot be reached or its document is refused; the log says which and why.</returns>
    public Task<ProviderMetadata?> GetMetadataAsync(CancellationToken cancellationToken) => _metadata.GetAsync(cancellationToken);

    /// <returns>Null when there never were any.</returns>
    public async ValueTask<JsonWebKeySet?> GetKeysAsync(CancellationToken cancellationToken) => await _keys.GetAsync(cancellationToken);

    /// <summary>For a token signed with a key that is not there: the keys may have been rotated. At most one fetch per cooldown.</summary>
    /// <param name="unknownKid">Null when the token does not say.</param>
    /// <returns>The keys as they are now, with or without that one; null when they could not be fetched.</returns>
    public ValueTask<JsonWebKeySet?> RefetchKeysAsync(string? unknownKid, CancellationToken cancellationToken) => _keys.RefetchAsync(unknownKid, cancellationToken);

    /// <summary>
    /// Whether somebody is there at all. Metadata is served on from memory while its provider is down, and a browser sent there would end on
    /// an error of its own. False only where the connection is refused or there is no way: what is slow may answer yet.
    /// </summary>
    public async Task<bool> IsThereAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(LongestConnect);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(_document.IdnHost, _document.Port, deadline.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task<ProviderMetadata?> FetchMetadataAsync()
    {
        var metadata = await AskForMetadataAsync();
        _answers = metadata is null ? -1 : 1;
        return metadata;
    }

    private async Task<ProviderMetadata?> AskForMetadataAsync()
    {
        switch (await GetAsync(_document))
        {
            case BackchannelAnswer.Received { Status: HttpStatusCode.OK } received:
                var refusal = "it is no JSON object";
                if (!received.TryReadObject(out var document)
                    || ProviderMetadata.TryParse(document, Issuer, isPinned: _pinned is not null, out refusal) is not { } metadata)
                {
                    _logger.MetadataRefused(Name, refusal);
                    return null;
                }

                _pinned = metadata.Issuer;
                _logger.MetadataLoaded(Name, metadata.Issuer);
                return metadata;
            case var answer:
                _logger.MetadataUnavailable(Name, Reason(answer));
                return null;
        }
    }

    private async Task<JsonWebKeySet?> FetchKeysAsync()
    {
        if (await _metadata.GetAsync(CancellationToken.None) is not { } metadata)
            return null;

        switch (await GetAsync(metadata.JwksUri))
        {
            // A set without any key of use replaces nothing: nobody could sign in with it.
            case BackchannelAnswer.Received { Status: HttpStatusCode.OK } received when JsonWebKeySet.TryParse(received.Body) is { Keys.Count: > 0 } keys:
                _logger.KeysLoaded(Name, keys.Keys.Count);
                return keys;
            case var answer:
                _logger.KeysUnavailable(Name, answer is BackchannelAnswer.Received { Status: HttpStatusCode.OK } ? "no key set with a key of use" : Reason(answer));
                return null;
        }
    }

    private async Task<BackchannelAnswer> GetAsync(Uri uri)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Accept.Add(new("application/json"));
        return await Backchannel.SendAsync(_backchannel, request, Options.BackchannelTimeout, _time, CancellationToken.None);
    }

    private static string Reason(BackchannelAnswer answer) => answer switch
    {
        BackchannelAnswer.Failed(var reason) => reason,
        BackchannelAnswer.Received { Status: var status } => $"status {(int)status}",
        _ => throw new UnreachableException(),
    };
}
