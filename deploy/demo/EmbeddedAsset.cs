namespace OrgGateway.Demo;

/// <summary>A stylesheet or script that travels inside the assembly.</summary>
internal sealed class EmbeddedAsset(string folder, string name, string contentType)
{
    private readonly byte[] _bytes = Read($"OrgGateway.Demo.{folder}.assets.{name}");

    public Task ServeAsync(HttpContext context)
    {
        context.Response.ContentType = contentType;
        context.Response.Headers.CacheControl = "public, max-age=300";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.Body.WriteAsync(_bytes, context.RequestAborted).AsTask();
    }

    private static byte[] Read(string resource)
    {
        using var stream = typeof(EmbeddedAsset).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"{resource} is not embedded");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
