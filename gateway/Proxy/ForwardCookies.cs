using System.Net.Http.Headers;
using Microsoft.Extensions.Primitives;
using OrgGateway.Sessions;

namespace OrgGateway.Proxy;

/// <summary>
/// Takes the gateway's own cookies off the outgoing message (T15). Not off the request: the server keeps a connection's header as the
/// same text only while nobody has taken it away, and a text that stays the same need not be read again (<see cref="SessionCookie"/>).
/// </summary>
public sealed class ForwardCookies(SessionCookie cookie)
{
    private const string Name = "Cookie";

    public void Strip(HttpRequestHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues(Name, out var values))
            return;
        // Several lines, which HTTP/2 allows, are one by now or become one here (RFC 6265 §5.4).
        StringValues all = values.Count == 1 ? values.ToString() : string.Join("; ", values);
        var rest = cookie.WithoutOurs(all);
        if (rest == all)
            return;
        headers.Remove(Name);
        if (rest.Count > 0)
            headers.TryAddWithoutValidation(Name, rest.ToString());
    }
}
