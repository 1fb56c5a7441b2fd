using System.Text;
using OrgGateway.Configuration;

namespace OrgGateway.Webhooks;

/// <summary><c>Gateway:Webhooks</c>: where it is told that somebody signed in for the first time, or is called otherwise than before.</summary>
public sealed class WebhookOptions
{
    public const string Section = "Gateway:Webhooks";
    private const int LeastSecret = 16;

    /// <summary>https; http on loopback or in Development. None: nothing is told, and nothing is kept for it.</summary>
    public string? Url { get; init; }

    /// <summary>Key of the signature: at least 16 characters.</summary>
    public string? Secret { get; init; }

    /// <summary>Times a delivery is tried before it is put aside. 1 to 10; default 6, over about a quarter of an hour.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>Time for one delivery. 100 milliseconds to 1 minute; default 5 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    internal byte[] SecretBytes() => Encoding.UTF8.GetBytes(Secret ?? "");

    public void Check(bool development, Faults faults)
    {
        faults.Range(Section + ":Attempts", Attempts, 1, 10);
        faults.Range(Section + ":Timeout", Timeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        if (Url is null)
            return;
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.UserInfo.Length > 0 || !(url.Scheme == "https" || (url.Scheme == "http" && (url.IsLoopback || development))))
            faults.Add(Section + ":Url", "is no https URL (http on loopback or in Development)");
        if (string.IsNullOrWhiteSpace(Secret) || Secret.Length < LeastSecret)
            faults.Add(Section + ":Secret", $"at least {LeastSecret} characters: without a signature nobody could tell these messages from anybody's");
    }
}
