namespace OrgGateway.Audit;

public static partial class AuditLog
{
    [LoggerMessage(2000, LogLevel.Information, "{AuditEvent} reason={Reason} issuer={Issuer} subject={Subject} org={Org} key={KeyId} prefix={KeyPrefix} provider={Provider} route={Route} address={Address} request={RequestId}", EventName = "Audit")]
    public static partial void Audited(this ILogger logger, string auditEvent, string? reason, string? issuer, string? subject, string? org, string? keyId, string? keyPrefix, string? provider, string? route, string? address, string? requestId);
}
