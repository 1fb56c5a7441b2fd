using System.Security.Cryptography;
using System.Text;

namespace OrgGateway.Admin;

public enum AdminVerdict
{
    Granted,
    Refused,

    /// <summary>Too many failures from this address: not even looked at.</summary>
    Limited,
}

/// <summary>
/// Who may use <c>/admin/v1</c> and the console: whoever shows <c>Management:Token</c>. Compared in constant time, and an address
/// that guesses is not listened to for a while, so that the token's length is what it has to guess (T114).
/// </summary>
public sealed class AdminAccess
{
    private const string Scheme = "Bearer ";
    private readonly byte[]? _token;
    private readonly FailureLimit _failures;

    public AdminAccess(ManagementOptions options, TimeProvider clock)
    {
        _token = options.Token is { Length: > 0 } token ? Hash(token) : null;
        _failures = new(clock);
    }

    /// <summary>Without a token there is nothing to be admitted to.</summary>
    public bool IsConfigured => _token is not null;

    /// <summary>Judges the bearer token of a request.</summary>
    public AdminVerdict Check(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization;
        return authorization.Count == 1 && authorization[0] is { } value && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? Check(context, value[Scheme.Length..].Trim())
            : AdminVerdict.Refused; // nothing was guessed
    }

    /// <summary>Judges a token, wherever it was given.</summary>
    public AdminVerdict Check(HttpContext context, string presented)
    {
        var address = context.Connection.RemoteIpAddress;
        if (_failures.IsLimited(address))
            return AdminVerdict.Limited;
        // Hashes have one length: not even the token's length shows in the time.
        if (_token is not null && CryptographicOperations.FixedTimeEquals(Hash(presented), _token))
            return AdminVerdict.Granted;
        _failures.Count(address);
        return AdminVerdict.Refused;
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
