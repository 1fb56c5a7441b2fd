using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace OrgGateway.Sealing;

/// <summary>
/// Data protection by the gateway's own keys, for parts of the framework that ask for it: what one replica protects, as the cookie of
/// session affinity, another one opens, and nothing is kept in files.
/// </summary>
public sealed class SealedProtection(KeyRing ring) : IDataProtectionProvider
{
    private const string Purpose = "data-protection";

    public IDataProtector CreateProtector(string purpose) => new Protector(ring, [purpose]);

    private sealed class Protector(KeyRing ring, string[] purposes) : IDataProtector
    {
        // Behind their lengths, so that two chains of purposes never read the same.
        private readonly byte[] _name = Encoding.UTF8.GetBytes(string.Concat(purposes.Select(p => $"{p.Length}:{p}")));

        public IDataProtector CreateProtector(string purpose) => new Protector(ring, [.. purposes, purpose]);

        public byte[] Protect(byte[] plaintext) => ring.Seal(Purpose, _name, plaintext);

        public byte[] Unprotect(byte[] protectedData) => ring.TryOpen(Purpose, _name, protectedData, out var plaintext)
            ? plaintext
            : throw new CryptographicException("not protected by these keys for this purpose");
    }
}
