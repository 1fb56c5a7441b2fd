using System.Security.Cryptography;
using OrgGateway.Sealing;
using OrgGateway.Storage;

namespace OrgGateway.Webhooks;

/// <summary>Knows who was here before, by issuer and subject, and how they were called: <c>user.first_login</c> once, <c>user.updated</c> on a change (S38).</summary>
public sealed class UserEvents(IStore store, KeyRing ring, WebhookDelivery delivery, TimeProvider clock, ILogger<UserEvents> logger)
{
    public const string FirstLogin = "user.first_login";
    public const string Updated = "user.updated";
    private static readonly TimeSpan Keep = TimeSpan.FromDays(365 * 10);
    private readonly Sealed<KnownProfile> _known = new(store, ring, WebhookJson.Default.KnownProfile, "webhook-user");

    /// <summary>Nobody waits for it: a sign-in does not fail for want of a notice.</summary>
    public void SignedIn(WebhookUser user)
    {
        if (delivery.IsOn)
            _ = NoteAsync(user);
    }

    private async Task NoteAsync(WebhookUser user)
    {
        try
        {
            var profile = new KnownProfile(user.Email, user.Name, user.Picture);
            var key = _known.Key(user.Issuer, user.Subject);
            var ends = clock.GetUtcNow() + Keep;
            var created = await _known.CreateAsync(key, profile, ends, CancellationToken.None);
            if (created == StoreWrite.Done)
                await SendAsync(FirstLogin, user);
            else if (created == StoreWrite.Refused && (await _known.ReadAsync(key, CancellationToken.None)).Value is { } known && known.Value != profile
                && await _known.ReplaceAsync(key, known.Version, profile, ends, CancellationToken.None) == StoreWrite.Done)
                await SendAsync(Updated, user);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            logger.WebhookWorkFailed(exception);
        }
    }

    private Task SendAsync(string type, WebhookUser user) =>
        delivery.SendAsync(new("evt_" + RandomNumberGenerator.GetHexString(24, lowercase: true), type, clock.GetUtcNow(), user));
}
