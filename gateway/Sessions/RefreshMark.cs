using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.Sessions;

/// <summary>
/// "This refresh token is about to be presented", written before it is: a provider that rotates takes a second presentation for
/// theft and ends the whole grant, so whoever finds the mark never presents that token (RFC 9700 §4.14.2, T125).
/// </summary>
/// <param name="Token">Hash of the refresh token.</param>
/// <param name="By">Random name of this one presentation, by which the process that made it knows it again.</param>
public sealed record RefreshMark(string Token, string By, DateTimeOffset At)
{
    public static RefreshMark Of(string refreshToken, DateTimeOffset now) =>
        new(HashOf(refreshToken), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12)), now);

    public bool IsOf(string refreshToken) => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Token), Encoding.ASCII.GetBytes(HashOf(refreshToken)));

    private static string HashOf(string refreshToken) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(refreshToken)));
}
