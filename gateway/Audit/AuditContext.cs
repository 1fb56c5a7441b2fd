namespace OrgGateway.Audit;

/// <summary>Where an event came from.</summary>
public static class AuditContext
{
    /// <summary>The event with the caller's address and the request's id.</summary>
    public static AuditEvent From(this AuditEvent happened, HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        return happened with
        {
            Address = (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString(),
            RequestId = context.TraceIdentifier,
        };
    }
}
