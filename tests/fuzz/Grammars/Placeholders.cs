using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using OrgGateway.Tests.Jose;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Puts in what is new on every run, so that kept inputs mean the same on each: the session, the time, signatures.</summary>
internal static partial class Placeholders
{
    private static readonly byte[] Header = """{"alg":"HS256"}"""u8.ToArray();

    /// <param name="transmitter">Signs security events; null where nobody's signature counts.</param>
    public static string Fill(string text, string origin, string session, string issuer, ProviderKey? transmitter)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        text = text.Replace("{origin}", origin).Replace("{session}", session).Replace("{issuer}", issuer).Replace("{now}", now.ToString(CultureInfo.InvariantCulture)).Replace("{soon}", (now + 200).ToString(CultureInfo.InvariantCulture));
        return Marked().Replace(text, match => match.Value[0] == RequestGrammar.ByTransmitter && transmitter is not null
            ? transmitter.SignText(new() { ["alg"] = "ES256", ["kid"] = "key-1", ["typ"] = "secevent+jwt" }, match.Groups[1].Value)
            : TestTokens.Signed(Header, Encoding.Latin1.GetBytes(match.Groups[1].Value), input => HMACSHA256.HashData(FuzzKeys.Secret, input)));
    }

    [GeneratedRegex("[\u0001\u0003\u0004]([^\u0002]*)\u0002")]
    private static partial Regex Marked();
}
