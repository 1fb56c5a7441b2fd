using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using OrgGateway.Tests.Sessions;

namespace OrgGateway.Tests.Fuzz;

/// <summary>Requests through all stages of a gateway in this process: no 500, and nothing in an answer that must not be there.</summary>
internal abstract partial class GatewayTarget(Lazy<InProcessGateway> gateway) : FuzzTarget
{
    private static readonly int[] Own = [200, 202, 204, 301, 302, 303, 400, 401, 403, 404, 405, 406, 413, 415, 421, 426, 429, 431, 501, 502, 503];
    private static readonly string[] OurCookies = ["orggw=", "orggw-login-", "orggw-at-"];

    public override int Inputs => 1500;
    public override IReadOnlyList<string> Words { get; } = [.. Fuzz.Words.Paths, .. Fuzz.Words.Headers.Select(name => name + ": evil\r\n"), "{session}", "{now}", "Cookie: orggw={session}\r\n", "\r\n", "?", "&", "HTTP/1.1"];
    public override long Allocated => 1024 * 1024;
    public override long AllocatedPerByte => 500;

    /// <summary>Addresses that the inputs come from, so that limits by address do not end the run.</summary>
    protected virtual int Addresses => 200;

    /// <summary>How many of ten inputs come from a proxy that is trusted.</summary>
    protected virtual int ProxiesInTen => 1;

    /// <summary>What was let through ends with 502, since there is no upstream.</summary>
    protected virtual bool IsAccepted(int status) => status is < 300 or 502;

    /// <summary>The cookie of the one session that there is.</summary>
    protected string Session => gateway.Value.Session;

    /// <summary>What must hold for this kind of request, beside what holds for all.</summary>
    protected abstract void Judge(RawRequest request, HttpContext answered, string text);

    public override FuzzOutcome Try(byte[] input)
    {
        gateway.Value.Renew();
        var text = Placeholders.Fill(Text(input), InProcessGateway.Origin, gateway.Value.Session, gateway.Value.Provider.Origin, gateway.Value.Provider.SigningKey);
        if (RawRequest.Parse(text) is not { } request)
            return FuzzOutcome.Refuse("no request");
        var answered = gateway.Value.Send(request, AddressOf(input));
        var response = answered.Response;
        FuzzViolation.Unless(Own.Contains(response.StatusCode), $"the status is {response.StatusCode}");
        foreach (var (name, values) in response.Headers)
            foreach (var value in values)
            {
                FuzzViolation.Unless(value is null || !value.Any(c => c is '\r' or '\n' or '\0'), $"{name} has a second line");
                FuzzViolation.Unless(name == "Set-Cookie" || value?.Contains(gateway.Value.Session, StringComparison.Ordinal) is not true || text.Split(gateway.Value.Session).Length > 1 && name == "Location", $"{name} tells the session");
            }
        FuzzViolation.Unless(response.Headers.SetCookie.All(line => Array.Exists(OurCookies, name => line!.StartsWith(name, StringComparison.Ordinal))), "a cookie that is none of the gateway's");
        if (response.Headers.Location is [{ } location])
            FuzzViolation.Unless((location.StartsWith('/') && BrowserUrl.Stays(location, out _)) || location.StartsWith(InProcessGateway.Origin + "/", StringComparison.Ordinal) || location.StartsWith(gateway.Value.Provider.Origin + "/", StringComparison.Ordinal), $"sent to {location}");
        var body = response.Body is MemoryStream { Length: < 1_000_000 } kept ? Encoding.UTF8.GetString(kept.ToArray()) : "";
        FuzzViolation.Unless(!body.Contains(TestSessions.AccessToken, StringComparison.Ordinal) && !body.Contains(TestSessions.RefreshToken, StringComparison.Ordinal), "the body tells a token");
        Judge(request, answered, text);
        return new(IsAccepted(response.StatusCode), $"{request.Method} {answered.GetEndpoint()?.DisplayName} {response.StatusCode} {response.ContentType} {Code().Match(body).Groups[1].Value} {(response.Headers.Location is [{ } to] ? to.Split('?', '&')[0] : "")}");
    }


    private string AddressOf(byte[] input)
    {
        var number = input.Aggregate(17, (sum, b) => unchecked((sum * 31) + b)) & int.MaxValue;
        return number % 10 < ProxiesInTen ? "127.0.0.1" : $"10.1.{number % Addresses / 250}.{number % Addresses % 250}";
    }

    [GeneratedRegex("\"(?:code|err|error)\":\"([a-z_]+)\"")]
    private static partial Regex Code();
}
