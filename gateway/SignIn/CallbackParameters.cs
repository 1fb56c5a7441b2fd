using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace OrgGateway.SignIn;

/// <summary>The parameters of an authorization response, each at most once (RFC 6749 §3.1).</summary>
public sealed record CallbackParameters(string? State, string? Code, string? Iss, string? Error, string? ErrorDescription, bool HasTokens)
{
    private const int Longest = 4096;
    private const int LongestForm = 64 * 1024;

    /// <returns>Null when a parameter stands twice or is beyond all measure: the response is not answered for.</returns>
    public static CallbackParameters? Read(IEnumerable<KeyValuePair<string, StringValues>> parameters)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, values) in parameters)
            if (values.Count > 1 || values.ToString().Length > Longest || !all.TryAdd(name, values.ToString()))
                return null;
        return new(Get("state"), Get("code"), Get("iss"), Get("error"), Get("error_description"), all.ContainsKey("id_token") || all.ContainsKey("access_token"));

        string? Get(string name) => all.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
    }

    /// <summary>Of a form that the provider's page posted (OAuth 2.0 Form Post Response Mode).</summary>
    /// <returns>Null also for what is no such form.</returns>
    public static async Task<CallbackParameters?> ReadFormAsync(HttpRequest request, CancellationToken cancellationToken) =>
        await ReadFieldsAsync(request, cancellationToken) is { } fields ? Read(fields) : null;

    /// <summary>The fields of a small form, or null for what is none.</summary>
    public static async Task<Dictionary<string, StringValues>?> ReadFieldsAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType || request.ContentType!.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
            return null;
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = LongestForm;
        try
        {
            var form = await request.ReadFormAsync(new FormOptions { ValueCountLimit = 32, KeyLengthLimit = 64, ValueLengthLimit = 2 * Longest }, cancellationToken);
            return form.ToDictionary(StringComparer.Ordinal);
        }
        // The framework has no UTF-7 and throws where a form says that it is written in it.
        catch (Exception exception) when (exception is InvalidDataException or BadHttpRequestException or NotSupportedException)
        {
            return null;
        }
    }
}
