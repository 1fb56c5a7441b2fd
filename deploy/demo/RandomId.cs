using System.Buffers.Text;
using System.Security.Cryptography;

namespace OrgGateway.Demo;

internal static class RandomId
{
    /// <returns>256 random bits, base64url.</returns>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
