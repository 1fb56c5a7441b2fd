using System.Globalization;
using OrgGateway.Configuration;

namespace OrgGateway.Proxy;

/// <summary>
/// The headers of every answer, whatever becomes of it: the request's id, and for https Strict-Transport-Security. They are set before
/// anything can answer; an answer that takes the place of another one begins with no headers, and is given them once more.
/// </summary>
public sealed class OwnAnswer(HttpsOptions options, Site site)
{
    private readonly string? _hsts =
        site.IsHttps && options.Hsts > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $"max-age={(long)options.Hsts.TotalSeconds}") : null;

    public void Mark(HttpContext context)
    {
        AnswerRequestId.Set(context);
        // Only what came by https counts (RFC 6797 §8.1), and only it is told.
        if (context.Request.IsHttps)
            TellOfHttps(context.Response);
    }

    /// <param name="response">To a request that came by https.</param>
    public void TellOfHttps(HttpResponse response)
    {
        if (_hsts is not null)
            response.Headers.StrictTransportSecurity = _hsts;
    }
}
