using System.Text;
using Yarp.ReverseProxy.Transforms;

namespace OrgGateway.Proxy;

/// <summary>
/// Encodes what an upstream's <c>Location</c> has beyond ASCII, as browsers would: it alone of all headers is read as UTF-8 by the client, and
/// written as Latin-1 with the others it would be another place.
/// </summary>
public sealed class OutboundLocation : ResponseTransform
{
    public override ValueTask ApplyAsync(ResponseTransformContext context)
    {
        var headers = context.HttpContext.Response.Headers;
        if (headers.Location is [{ } location] && !Ascii.IsValid(location))
            headers.Location = string.Concat(location.EnumerateRunes().Select(rune => rune.IsAscii ? rune.ToString() : Uri.EscapeDataString(rune.ToString())));
        return ValueTask.CompletedTask;
    }
}
