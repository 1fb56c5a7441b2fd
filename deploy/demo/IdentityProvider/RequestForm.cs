using Microsoft.AspNetCore.Http.Features;

namespace OrgGateway.Demo.IdentityProvider;

internal static class RequestForm
{
    private const long MaxBytes = 64 * 1024;

    /// <returns>The form of the request, or null when its body is none.</returns>
    public static async Task<IFormCollection?> ReadAsync(HttpContext context)
    {
        var request = context.Request;
        if (!request.HasFormContentType || request.ContentLength > MaxBytes)
            return null;
        try
        {
            var limits = new FormOptions { BufferBodyLengthLimit = MaxBytes, ValueLengthLimit = 16 * 1024 };
            return await request.ReadFormAsync(limits, context.RequestAborted);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
