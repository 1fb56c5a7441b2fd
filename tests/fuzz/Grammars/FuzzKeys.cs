using System.Security.Cryptography;
using System.Text;
using OrgGateway.Jose;
using OrgGateway.Tests.Jose;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Keys that are the same on every run, so that kept tokens stay signed.</summary>
internal static class FuzzKeys
{
    public const string ClientSecret = "a client secret of the fuzzers, longer than thirty-two bytes";

    public static byte[] Secret { get; } = Encoding.UTF8.GetBytes(ClientSecret);

    public static ECDsa Ec { get; } = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = SHA256.HashData("a key of the fuzzers"u8) });

    public static JsonWebKeySet Set { get; } = new([TestKeys.Key(TestKeys.Jwk(Ec, "ec"))!, JsonWebKey.FromSymmetric(Secret, "oct")]);
}
