namespace OrgGateway.Audit;

/// <summary>Takes audit events somewhere. Called on the request's way: it must neither wait nor throw.</summary>
public interface IAuditSink
{
    void Take(AuditEvent happened);
}
