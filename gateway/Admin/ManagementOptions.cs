using System.Text;
using OrgGateway.Configuration;

namespace OrgGateway.Admin;

/// <summary><c>Gateway:Management</c>: the operators' listener.</summary>
public sealed class ManagementOptions
{
    public const string Section = "Gateway:Management";
    private const int ShortestToken = 16;

    /// <summary>Address of the listener, http, without a path and not one of <c>Urls</c>; default <c>http://127.0.0.1:8081</c>, loopback only. Health and metrics need no token there.</summary>
    public string Url { get; init; } = "http://127.0.0.1:8081";

    /// <summary>What <c>/admin/v1</c> wants as bearer token, and the console as password. 16 characters or more; without one both are off (404).</summary>
    public string? Token { get; init; }

    /// <summary>
    /// Time between "not ready" and the end of accepting requests, at SIGTERM: as long as load balancers need to notice. 0 to 60
    /// seconds; default 0.
    /// </summary>
    public TimeSpan DrainDelay { get; init; } = TimeSpan.Zero;

    public void Check(Faults faults)
    {
        if (Token is not null && Encoding.UTF8.GetByteCount(Token) < ShortestToken)
            faults.Add(Section + ":Token", $"shorter than {ShortestToken} characters; make one with: openssl rand -base64 32");
        faults.Range(Section + ":DrainDelay", DrainDelay, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }
}
