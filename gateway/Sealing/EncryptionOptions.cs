using System.Text;
using OrgGateway.Configuration;

namespace OrgGateway.Sealing;

/// <summary><c>Gateway:Encryption</c>.</summary>
public sealed class EncryptionOptions
{
    public const string Section = "Gateway:Encryption";

    /// <summary>The first seals, all open: put a new key in front and keep the old one until nothing sealed by it lives.</summary>
    public List<EncryptionKeyOptions> Keys { get; init; } = [];

    /// <summary>Accepted for compatibility and never used: every write has a random nonce. At least 12 bytes.</summary>
    public string? InitializationVector { get; init; }

    /// <param name="required">Where sealed values outlive the process: a store that replicas share.</param>
    /// <param name="isWarned">Whether a missing key is worth a warning where it is not required.</param>
    public void Check(bool required, bool isWarned, Faults faults)
    {
        if (required && Keys.Count == 0)
            faults.Add(Section + ":Keys", "missing; replicas that share a store need a common key (or set AUTH_ENCRYPTION_KEY)");
        else if (isWarned && Keys.Count == 0)
            faults.Warn(Section + ":Keys", "missing; a restart changes the keys of the identity assertion (or set AUTH_ENCRYPTION_KEY)");
        for (var i = 0; i < Keys.Count; i++)
        {
            faults.Require($"{Section}:Keys:{i}:Id", Keys[i].Id, "any short name, such as k1");
            if (SealingKey.Fault(Keys[i].Secret) is { } fault)
                faults.Add($"{Section}:Keys:{i}:Secret", fault);
        }
        if (Keys.Select(k => k.Id).Where(id => id is not null).GroupBy(id => id, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            faults.Add(Section + ":Keys", $"two keys have the id '{twice.Key}'");
        if (InitializationVector is { Length: > 0 } iv)
        {
            if (Encoding.UTF8.GetByteCount(iv) < 12)
                faults.Add(Section + ":InitializationVector", "shorter than 12 bytes (it is only accepted for compatibility: leave it out)");
            else
                faults.Warn(Section + ":InitializationVector", "ignored: every write gets a random nonce");
        }
    }

    public KeyRing ToRing() => Keys.Count == 0 ? KeyRing.Ephemeral() : new([.. Keys.Select(k => new SealingKey(k.Id!, k.Secret!))]);
}

public sealed class EncryptionKeyOptions
{
    public string? Id { get; init; }
    public string? Secret { get; init; }
}
