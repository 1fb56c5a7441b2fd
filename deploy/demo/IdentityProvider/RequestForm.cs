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
            return await request.ReadFormAsync(new() { BufferBodyLengthLimit = MaxBytes, ValueLengthLimit = 16 * 1024 }, context.RequestAborted);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
